import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { openLender } from '../../tasks/tools/cloud-storage.ts';
import type { HttpOptions } from '../../tasks/tools/http/http.ts';
import { openShell } from '../../tasks/tools/shell.ts';
import { downloads } from '../rig/downloads.ts';

const rig = downloads();

/** A directory for PATH in which programs of these names run these lines of shell; each writes down what it was asked. */
function programs(scripts: Readonly<Record<string, string>>): string {
  const directory = join(rig.directory, 'bin');
  mkdirSync(directory);
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(directory, name), `#!/bin/sh\necho "${name} $*" >> '${rig.directory}/asked'\n${script}\n`);
    chmodSync(join(directory, name), 0o755);
  }
  return directory;
}

const askedOfPrograms = (): readonly string[] =>
  readFileSync(join(rig.directory, 'asked'), 'utf8').trimEnd().split('\n');

const open = (PATH: string, over: Partial<HttpOptions> = {}): ReturnType<typeof rig.open> =>
  rig.open({
    endpoints: {
      huggingFace: 'https://hf.invalid',
      civitai: 'https://civitai.invalid',
      cloudStorage: rig.server.origin,
    },
    lender: openLender(openShell({ environment: { PATH }, signal: new AbortController().signal })),
    ...over,
  });

/** A script that copies what `from` names to the last argument. */
const copying = (from: string): string => `for to in "$@"; do :; done\nexec /bin/cp '${from}' "$to"`;

const bodyFile = (): string => {
  const path = join(rig.directory, 'object');
  writeFileSync(path, rig.body);
  return path;
};

test.each([
  ['gcloud', ['gcloud', 'gsutil'], 'gcloud storage cp --quiet'],
  ['gsutil, where there is no gcloud', ['gsutil'], 'gsutil -q cp'],
])('gs:// is copied by %s', async (_, names, argv) => {
  const script = copying(bodyFile());
  const path = programs(Object.fromEntries(names.map((name) => [name, script])));
  const found = await open(path).download({ from: ['gs://bucket/a b.bin'], ...rig.wanted });
  expect(found).toEqual({ ...rig.exact, from: 'gs://bucket/a b.bin' });
  expect(askedOfPrograms()).toEqual([`${argv} gs://bucket/a b.bin ${rig.to}`]);
  expect(rig.server.asked).toEqual([]);
});

test('gs:// comes over HTTP where there is no program, with the token that is given', async () => {
  rig.server.serve('/bucket/a%20b.bin', rig.body, { authorization: 'Bearer canary' });
  const what = { from: ['gs://bucket/a b.bin'], ...rig.wanted };
  const failure = await rig.failureOf(open('/nowhere').download(what));
  expect(failure).toMatchObject({ kind: 'network', status: 401, hint: expect.stringContaining('gcloud auth login') });
  expect(await open('/nowhere', { tokens: { cloudStorage: 'canary' } }).download(what)).toMatchObject(rig.exact);
});

test('who is not logged in still reads what is public', async () => {
  rig.server.serve('/bucket/a.bin', rig.body);
  const path = programs({ gcloud: 'echo "You do not currently have an active account selected." >&2; exit 1' });
  expect(await open(path).download({ from: ['gs://bucket/a.bin'], ...rig.wanted })).toMatchObject(rig.exact);
  expect(askedOfPrograms()).toHaveLength(1);
});

test('what nobody may read is told in the words of the program, with what to do', async () => {
  const path = programs({ gcloud: 'echo "PERMISSION_DENIED: no access to bucket" >&2; exit 1' });
  const failure = await rig.failureOf(open(path).download({ from: ['gs://bucket/a.bin'], ...rig.wanted }));
  expect(failure).toMatchObject({ kind: 'command', exitCode: 1, output: ['PERMISSION_DENIED: no access to bucket'] });
  expect(failure).toMatchObject({ hint: expect.stringContaining('gcloud auth login') });
});

test('what a program brings is checked like anything else', async () => {
  writeFileSync(join(rig.directory, 'other'), 'other');
  const path = programs({ gcloud: copying(join(rig.directory, 'other')) });
  const failure = await rig.failureOf(open(path).download({ from: ['gs://bucket/a.bin'], ...rig.wanted }));
  expect(failure).toMatchObject({ kind: 'integrity', what: 'gs://bucket/a.bin' });
});

test('a program that says it copied and did not is not believed', async () => {
  const failure = await rig.failureOf(
    open(programs({ gcloud: 'exit 0' })).download({ from: ['gs://bucket/a.bin'], ...rig.wanted }),
  );
  expect(failure).toMatchObject({ kind: 'absent', what: 'gs://bucket/a.bin' });
});

test('without the network no program is asked', async () => {
  const tool = open(programs({ gcloud: copying(bodyFile()) }), { offline: true });
  const failure = await rig.failureOf(tool.download({ from: ['gs://bucket/a.bin'], ...rig.wanted }));
  expect(failure).toEqual({ kind: 'offline', missing: ['gs://bucket/a.bin'] });
  expect(() => askedOfPrograms()).toThrow('ENOENT');
});
