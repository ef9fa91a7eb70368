import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { isCurrent, Lockfile, parseLockfile, readLockfile, writeLockfile } from '../../pipelines/documents/lockfile.ts';
import { lockfilePath, parseId } from '../../pipelines/documents/ids.ts';
import { readVersion, versionDigest } from '../../pipelines/documents/version.ts';
import { git, local, lock, model, registry, wheel } from './lockfiles.ts';
import { documentWith, failureOf, pathsBelow, project } from './project.ts';

const lockWith = (fields: Readonly<Record<string, unknown>>): string => JSON.stringify({ ...lock, ...fields });
const platform = (wheels: readonly unknown[]) => ({
  python: { version: '3.11', platforms: [{ platform: 'linux-x86_64', wheels }] },
});
const older = 'hint: another release or tool wrote this lockfile: write a new one with `pipeline validate`';

test.each<[title: string, text: string, message: string]>([
  ['an unknown key', lockWith({ modles: [] }), 'Unknown key `modles`; did you mean `models`?'],
  [
    'an unknown key of a node',
    lockWith({ nodes: [{ ...git, comit: 'x' }] }),
    'nodes[0]: Unknown key `comit`; did you mean `commit`?',
  ],
  [
    'a kind of node that is none',
    lockWith({ nodes: [{ ...git, kind: 'svn' }] }),
    'nodes[0].kind: Expected "git" or "registry" or "local"',
  ],
  [
    'a branch as commit',
    lockWith({ core: { repo: 'https://git.example/core', commit: 'main' } }),
    'core.commit: Expected a full commit: 40 (or 64) lower-case hex characters',
  ],
  [
    'a node name that escapes',
    lockWith({ nodes: [{ ...git, name: '../x' }] }),
    'nodes[0].name: Expected the name of one directory, without `/` or `\\`',
  ],
  [
    'a model path that escapes',
    lockWith({ models: [{ ...model, path: '../x' }] }),
    'models[0].path: A path has no `..`',
  ],
  [
    'a model below another root',
    lockWith({ models: [{ ...model, root: 'home' }] }),
    'models[0].root: Expected "models" or "target"',
  ],
  [
    'a model without a source',
    lockWith({ models: [{ ...model, sources: [] }] }),
    'models[0].sources: Expected at least 1',
  ],
  [
    'a wheel without a hash',
    lockWith(platform([{ ...wheel, sha256: undefined }])),
    'python.platforms[0].wheels[0].sha256: Missing',
  ],
  [
    'a wheel name that escapes',
    lockWith(platform([{ ...wheel, filename: '../x.whl' }])),
    'python.platforms[0].wheels[0].filename: Expected the name of a wheel, such as demo_lib-1.0-py3-none-any.whl',
  ],
  ['a list as a lockfile', '[]', `schema_version: Missing: expected 3\n${older}`],
  ['a lockfile of the old tools', '{"schema_version": 1}', `schema_version: Found 1: expected 3\n${older}`],
  ['a merge conflict', '{\n<<<<<<< ours\n', 'line 2, column 1: This is a merge conflict of git: resolve it first'],
  [
    'two nodes in one directory',
    lockWith({ nodes: [git, { ...local, name: 'B' }] }),
    'nodes[1]: The directory custom_nodes/b is taken by nodes[0]',
  ],
  [
    'two nodes with one id',
    lockWith({ nodes: [registry, { ...registry, name: 'z', id: 'KJ' }] }),
    'nodes[1]: The id kj is taken by nodes[0]',
  ],
  [
    'two nodes of one repository',
    lockWith({ nodes: [git, { ...git, name: 'z', repo: 'https://git.example/b.git' }] }),
    'nodes[1]: The repository https://git.example/b is taken by nodes[0]',
  ],
  [
    'two models for one path',
    lockWith({ models: [model, { ...model, root: 'target' }, model] }),
    'models[2]: The path vae/x.pt below the models directory is taken by models[0]',
  ],
  [
    'a wheel twice',
    lockWith(platform([wheel, { ...wheel, name: 'Demo_Lib', version: '2.0' }])),
    'python.platforms[0].wheels[1]: The package demo-lib is taken by python.platforms[0].wheels[0]',
  ],
  [
    'a platform twice',
    lockWith({
      python: {
        version: '3.11',
        platforms: [
          { platform: 'a', wheels: [] },
          { platform: 'a', wheels: [] },
        ],
      },
    }),
    'python.platforms[1]: The platform a with default torch is taken by python.platforms[0]',
  ],
  [
    'two things at once',
    lockWith({ version_id: '..', models: [{ ...model, size: 1.5 }] }),
    '2 problems\n  version_id: Expected a version id: 1 to 64 letters, digits, `.`, `_` or `-`, the first a letter or digit\n  models[0].size: Expected a whole number',
  ],
])('parseLockfile() of %s', (_, text, message) => {
  expect(failureOf(() => parseLockfile(text, 'x.lock.json'))).toBe(`x.lock.json: ${message}`);
});

test('a lockfile that is written is read again, from the project or from a file', () => {
  const root = project();
  expect(readLockfile({ root, id: 'demo' })).toBeUndefined();
  const file = writeLockfile(Lockfile.parse(lock), { root });
  expect(pathsBelow(root)).toEqual(['lockfiles', 'lockfiles/demo.lock.json']);
  expect(file).toBe(lockfilePath(root, parseId('demo')));
  const read = readLockfile({ root, id: 'demo' });
  expect(read).toEqual(parseLockfile(readFileSync(file, 'utf8'), file));
  expect(readLockfile({ root, id: 'demo', file })).toEqual(read);
});

test('a lockfile of another version is refused, and so is an id that is none', () => {
  const root = project();
  const file = writeLockfile(Lockfile.parse(lock), { root });
  expect(failureOf(() => readLockfile({ root, id: 'other', file }))).toBe(
    'lockfiles/demo.lock.json: version_id: Expected other, found demo',
  );
  expect(failureOf(() => readLockfile({ root, id: '../demo' }))).toContain('`../demo` is no version id');
});

test('isCurrent() until the version asks for something else', () => {
  const root = project({ 'versions/demo.json': documentWith() });
  const read = () => readVersion({ root, id: 'demo' }).version;
  const current = Lockfile.parse({ ...lock, version_digest: versionDigest(read()) });
  expect(isCurrent(current, read())).toBe(true);
  writeFileSync(join(root, 'versions/demo.json'), JSON.stringify(documentWith({ description: 'new' })));
  expect(isCurrent(current, read())).toBe(true);
  writeFileSync(join(root, 'versions/demo.json'), JSON.stringify(documentWith({ custom_nodes: [{ id: 'kj' }] })));
  expect(isCurrent(current, read())).toBe(false);
});
