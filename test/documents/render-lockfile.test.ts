import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { Lockfile, parseLockfile, renderLockfile } from '../../pipelines/documents/lockfile.ts';
import { lock, lockfiles, sha256 } from './lockfiles.ts';
import { commit } from './project.ts';

const entry = (text: string): string => text.replaceAll(/\n\s*/g, ' ');

test('renderLockfile() sorts keys and entries, one entry a line', () => {
  expect(renderLockfile(Lockfile.parse(lock))).toBe(`{
  "core": {"commit": "${commit}", "repo": "./git/core"},
  "env": {"A": "1", "B": "\${B}"},
  "models": [
    {"path": "a.pt", "root": "models", "sha256": "${sha256}", "size": 9, "sources": ["hf://o/r/x.pt", "./files/x.pt"]},
    {"path": "vae/x.pt", "root": "models", "sha256": "${sha256}", "size": 9, "sources": ["hf://o/r/x.pt", "./files/x.pt"]}
  ],
  "nodes": [
    ${entry(`{"id": "kj", "kind": "registry", "name": "a", "sha256": "${sha256}", "size": 7, "status": "active",
      "url": "https://r.example/a.zip", "version": "1.1.2"}`)},
    ${entry(`{"commit": "${commit}", "kind": "git", "name": "b", "ref": "refs/heads/main", "repo": "https://git.example/b",
      "run_install": true, "tree": "${'d'.repeat(40)}"}`)},
    {"kind": "local", "name": "c", "path": "./nodes/c", "tree": "tree:${sha256}"}
  ],
  "python": {
    "platforms": [
      {
        "platform": "linux-x86_64",
        "torch": "cpu",
        "wheels": [
          ${entry(`{"filename": "demo_lib-1.0-py3-none-any.whl", "name": "demo-lib", "sha256": "${sha256}", "size": 5,
            "url": "https://i.example/demo_lib-1.0-py3-none-any.whl", "version": "1.0", "wanted_by": ["b", "core"]}`)},
          ${entry(`{"filename": "demo_lib-1.0-py3-none-any.whl", "name": "zeta", "sha256": "${sha256}", "size": 5,
            "url": "https://i.example/demo_lib-1.0-py3-none-any.whl", "version": "1.0", "wanted_by": ["b", "core"]}`)}
        ]
      },
      {"platform": "linux-x86_64", "torch": "cu128", "wheels": []}
    ],
    "version": "3.11"
  },
  "schema_version": 3,
  "version_digest": "${sha256}",
  "version_id": "demo"
}
`);
});

/** The same value with its lists and keys in another order; only a model's sources keep theirs: the first is asked first. */
function reordered(value: unknown, change: (elements: readonly unknown[]) => readonly unknown[]): unknown {
  if (Array.isArray(value)) return change(value.map((element) => reordered(element, change)));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([key, field]) => [
    key,
    key === 'sources' ? field : reordered(field, change),
  ]);
  return Object.fromEntries(change(fields) as [string, unknown][]);
}
const sorted = (elements: readonly unknown[]): readonly unknown[] =>
  elements.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
const reversed = (elements: readonly unknown[]): readonly unknown[] => elements.toReversed();

test('parseLockfile() reads what renderLockfile() writes, and rendering that changes nothing, whatever the order', () => {
  fc.assert(
    fc.property(lockfiles, (value) => {
      const one = Lockfile.parse(value);
      const text = renderLockfile(one);
      const read = parseLockfile(text, 'x');
      expect(reordered(read, sorted)).toEqual(reordered(one, sorted));
      expect(renderLockfile(read)).toBe(text);
      expect(renderLockfile(Lockfile.parse(reordered(value, reversed)))).toBe(text);
      expect(text.endsWith('}\n') && !/[\r]|\t| $/m.test(text)).toBe(true);
    }),
  );
});
