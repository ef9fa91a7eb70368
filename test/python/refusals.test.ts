import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';

import { Failed, type Failure } from '#engine';
import { pythonRoom } from '../rig/python.ts';
import { makeWheel, type WheelSpec, writeWheel } from '../rig/wheels.ts';

/** A Python that is never started. */
const interpreter = { path: '/nowhere/python3', version: '3.11.7', cacheTag: 'cpython-311', platform: 'linux-x86_64' };

async function failureOf(
  spec: WheelSpec,
  change: { readonly filename?: string; readonly sha256?: string } = {},
): Promise<Failure> {
  using room = pythonRoom();
  const { path: wheel, filename, sha256 } = writeWheel(room.path, spec);
  const unpacking = room.python.unpackWheel({
    wheel,
    filename,
    sha256,
    interpreter,
    into: room.at('in/side'),
    ...change,
  });
  const error: unknown = await unpacking.catch((thrown: unknown) => thrown);
  expect(readdirSync(room.path).filter((name) => name !== 'in' && name !== filename)).toEqual([]);
  if (error instanceof Failed) return error.failure;
  throw new Error('Expected a refusal', { cause: error });
}

const info = 'demo_lib-1.0.dist-info';
const plain: WheelSpec = { name: 'demo_lib', files: { 'demo.py': 'X = 1\n' } };
const empty = Buffer.from('');
const changed = (tamper: NonNullable<WheelSpec['tamper']>): WheelSpec => ({ ...plain, tamper });
const without = (name: string): WheelSpec => changed((entries) => entries.delete(name));
const recording = (change: (text: string) => string): WheelSpec =>
  changed((entries) => entries.set(`${info}/RECORD`, Buffer.from(change(entries.get(`${info}/RECORD`)!.toString()))));
const recordingOf = (line: string): WheelSpec => recording((text) => text.replace(/^demo\.py,.*$/m, line));
const offering = (name: string, to = 'demo:x'): WheelSpec => ({
  ...plain,
  entryPoints: { console_scripts: { [name]: to } },
});
const placing = (scheme: string, path: string): WheelSpec => ({ ...plain, data: { [scheme]: { [path]: '' } } });

test.for<readonly [what: string, spec: WheelSpec, because: string]>([
  [
    'a file that its RECORD does not list',
    changed((entries) => entries.set('extra.py', empty)),
    'its RECORD lacks extra.py',
  ],
  ['a file that is missing', without('demo.py'), 'its RECORD lists demo.py, which it lacks'],
  [
    'changed bytes',
    changed((entries) => entries.set('demo.py', Buffer.from('X = 2\n'))),
    'demo.py is not what its RECORD says',
  ],
  ['a file without a hash', recordingOf('demo.py,,'), 'demo.py is not what its RECORD says'],
  ['a weak hash', recordingOf('demo.py,md5=cFjEjhwIg2wAjFlhqJwTtQ,6'), 'demo.py is not what its RECORD says'],
  [
    'another size',
    recording((text) => text.replace(/^(demo\.py,.*),6$/m, '$1,7')),
    'demo.py is not what its RECORD says',
  ],
  [
    'a RECORD that leaves the environment',
    recording((text) => `../../../../x,,\n${text}`),
    'its RECORD lists ../../../../x',
  ],
  ['a RECORD that is none', recording(() => 'a,b,c,d\n'), 'Not a line of a RECORD: a,b,c,d'],
  ['no RECORD', without(`${info}/RECORD`), `it lacks ${info}/RECORD`],
  ['no WHEEL', without(`${info}/WHEEL`), `it lacks ${info}/WHEEL`],
  ['no METADATA', without(`${info}/METADATA`), `it lacks ${info}/METADATA`],
  ['no entries', changed((entries) => entries.clear()), 'it has no .dist-info directory'],
  [
    'twice the metadata',
    { ...plain, files: { 'other-1.dist-info/METADATA': '' } },
    'it has more than one .dist-info directory',
  ],
  [
    'a format of the future',
    changed((entries) => entries.set(`${info}/WHEEL`, Buffer.from('Wheel-Version: 2.0\n'))),
    'Wheel-Version is not 1',
  ],
  ['an entry that leaves the environment', { ...plain, files: { '../../evil.py': '' } }, '..'],
  ['a script that leaves the environment', placing('scripts', '../../evil'), '..'],
  ['a file without a place', placing('nowhere', 'x'), 'demo_lib-1.0.data/nowhere/x has no place'],
  [
    'a scheme that is a file',
    changed((entries) => entries.set('demo_lib-1.0.data/scripts', empty)),
    'its RECORD lacks',
  ],
  [
    'a command that leaves the environment',
    offering('../evil'),
    'it declares a command that is none: "../evil = demo:x"',
  ],
  ['a command that is code', offering('evil', 'demo:x;import os'), 'it declares a command that is none'],
  ['a command named python', offering('python'), "it would replace bin/python, which is the environment's own"],
  ['a command named Python3.12', offering('Python3.12'), 'it would replace bin/Python3.12'],
  ['a script named activate.fish', placing('scripts', 'activate.fish'), 'it would replace bin/activate.fish'],
  ['data in the place of the interpreter', placing('data', 'bin/python3'), 'it would replace bin/python3'],
  ['data in the place of the settings', placing('data', 'pyvenv.cfg'), 'it would replace pyvenv.cfg'],
  ['a file where a directory is', placing('data', 'lib64'), 'it brings lib64 twice'],
  ['a module twice', placing('purelib', 'demo.py'), 'site-packages/demo.py twice'],
  [
    'a module through another name',
    placing('data', 'lib64/python3.11/site-packages/demo.py'),
    'site-packages/demo.py twice',
  ],
  ['a module below a module', placing('platlib', 'demo.py/x.py'), 'site-packages/demo.py twice'],
  [
    'the tag of another system',
    { ...plain, tag: 'cp311-cp311-win_amd64' },
    'it is not made for Python 3.11.7 on linux-x86_64',
  ],
])('a wheel with %s is refused', async ([, spec, because]) => {
  const failure = await failureOf(spec);
  expect(failure).toMatchObject({ kind: 'refused', what: expect.stringMatching(/^demo_lib-1\.0-.*\.whl/) as string });
  expect('because' in failure && failure.because).toContain(because);
});

test('a wheel that calls itself something else inside is refused', async () => {
  for (const filename of ['other_lib-1.0-py3-none-any.whl', 'demo_lib-2.0-py3-none-any.whl'])
    expect(await failureOf(plain, { filename })).toMatchObject({
      because: 'inside it calls itself demo_lib-1.0',
      what: filename,
    });
  expect(await failureOf(plain, { filename: '../demo_lib-1.0-py3-none-any.whl' })).toMatchObject({ kind: 'refused' });
});

test('a wheel that is not the pinned one is not even opened', async () => {
  const { sha256 } = makeWheel(plain);
  expect(await failureOf({ ...plain, files: { 'demo.py': 'X = 3\n' } }, { sha256 })).toMatchObject({
    kind: 'integrity',
    what: 'demo_lib-1.0-py3-none-any.whl',
    expected: sha256,
  });
});

test('a real installer never sees a wheel that our own would refuse', async () => {
  using room = pythonRoom({ installer: 'pip', path: ['empty'] });
  const { path: wheel, filename, sha256 } = writeWheel(room.path, offering('../evil'));
  const unpacking = room.python.unpackWheel({ wheel, filename, sha256, interpreter, into: room.at('in') });
  await expect(unpacking).rejects.toThrow('it declares a command that is none');
  expect(readdirSync(room.path)).toEqual([filename]);
});
