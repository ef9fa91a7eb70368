import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { Failed, type Failure, type Interpreter } from '#engine';
import { pipFor } from '../../tasks/tools/python/pip.ts';
import { listing, pythonRoom } from '../rig/python.ts';
import { makeWheel, type WheelSpec, writeWheel } from '../rig/wheels.ts';

type Room = ReturnType<typeof pythonRoom>;

/** A wheel with everything a wheel can have. */
const everything: WheelSpec = {
  name: 'demo_lib',
  version: '1.0',
  files: {
    'demo/__init__.py': 'COLOURS = lambda colour: colour in {"red", "green", "blue", "black", "white"}\n',
    'demo/cli.py':
      'import sys\n\n\ndef main():\n    print("demo", sys.prefix, *sys.argv[1:])\n\n\nclass Main:\n    run = staticmethod(main)\n',
    'demo/for_python_2.py': 'print "hello"\n',
    'demo/data, with "quotes".txt': 'data\n',
    'demo/größe.txt': 'data\n',
    'demo_space/part/__init__.py': 'PART = 1\n',
    'demo-nspkg.pth': 'demo_space\n',
  },
  data: {
    scripts: {
      'demo-old':
        '#!python\n"""What it does."""\nfrom __future__ import annotations\nimport demo.cli\ndemo.cli.main()\n',
      'demo-replaced': '#!python\nprint("never")\n',
      'demo-sh': '#!/bin/sh\necho shell "$@"\n',
    },
    data: { 'share/demo/readme.txt': 'read\n', 'etc/demo.cfg': 'x\n' },
    headers: { 'demo.h': '#define DEMO\n' },
    purelib: { 'demo_pure.py': 'PURE = 1\n' },
    platlib: { 'demo_plat/__init__.py': 'PLAT = 1\n' },
  },
  entryPoints: {
    console_scripts: { demo: 'demo.cli:main', 'demo-replaced': 'demo.cli:Main.run' },
    gui_scripts: { 'demo-gui': 'demo.cli:main [extra]' },
    'demo.plugins': { one: 'demo.cli' },
  },
  requires: ['nothing>=1; extra == "extra"'],
};

interface Unpacked {
  readonly room: Room;
  readonly interpreter: Interpreter;
}

async function unpack(spec: WheelSpec, into: string, { room, interpreter }: Unpacked): Promise<void> {
  const directory = room.at('wheels');
  mkdirSync(directory, { recursive: true });
  const { path: wheel, filename, sha256 } = writeWheel(directory, spec);
  await room.python.unpackWheel({ wheel, filename, sha256, interpreter, into });
}

async function venvWith(name: string, spec: WheelSpec, there: Unpacked): Promise<string> {
  await there.room.python.writeVenv({ interpreter: there.interpreter, into: there.room.at(name) });
  await unpack(spec, there.room.at(`${name}-unpacked`), there);
  cpSync(there.room.at(`${name}-unpacked`), there.room.at(name), { recursive: true });
  return there.room.at(name);
}

const enter = async (room: Room): Promise<Unpacked> => ({
  room,
  interpreter: await room.python.find({ version: '3' }),
});

const siteOf = ({ version }: Interpreter): string =>
  `lib/python${version.split('.').slice(0, 2).join('.')}/site-packages`;

test('every file has its place, and what an installer leaves behind is there', async () => {
  using room = pythonRoom();
  const there = await enter(room);
  await unpack(everything, room.at('out'), there);
  const site = siteOf(there.interpreter);
  const minor = site.split('/')[1]!;
  const files = Object.keys(listing(room.at('out')));
  expect(files.filter((file) => !file.endsWith('.pyc')).map((file) => file.replace(site, '<site>'))).toEqual(
    [
      'bin/demo',
      'bin/demo-gui',
      'bin/demo-old',
      'bin/demo-replaced',
      'bin/demo-sh',
      'etc/demo.cfg',
      `include/site/${minor}/demo_lib/demo.h`,
      '<site>/demo/__init__.py',
      '<site>/demo/cli.py',
      '<site>/demo/data, with "quotes".txt',
      '<site>/demo/for_python_2.py',
      '<site>/demo/größe.txt',
      '<site>/demo-nspkg.pth',
      '<site>/demo_lib-1.0.dist-info/INSTALLER',
      '<site>/demo_lib-1.0.dist-info/METADATA',
      '<site>/demo_lib-1.0.dist-info/RECORD',
      '<site>/demo_lib-1.0.dist-info/WHEEL',
      '<site>/demo_lib-1.0.dist-info/entry_points.txt',
      '<site>/demo_plat/__init__.py',
      '<site>/demo_pure.py',
      '<site>/demo_space/part/__init__.py',
      'share/demo/readme.txt',
    ].toSorted(),
  );
  const tag = there.interpreter.cacheTag;
  expect(files.filter((file) => file.endsWith('.pyc')).map((file) => file.replace(`${site}/`, ''))).toEqual(
    [
      'demo/__pycache__/__init__',
      'demo/__pycache__/cli',
      '__pycache__/demo_pure',
      'demo_plat/__pycache__/__init__',
      'demo_space/part/__pycache__/__init__',
    ]
      .map((path) => `${path}.${tag}.pyc`)
      .toSorted(),
  );
  expect(readFileSync(room.at('out', site, 'demo_lib-1.0.dist-info/INSTALLER'), 'utf8')).toBe('pipeline\n');
});

test('the same wheel gives the same bytes in every place', async () => {
  using room = pythonRoom();
  using elsewhere = pythonRoom();
  const there = await enter(room);
  await unpack(everything, room.at('one'), there);
  await unpack(everything, elsewhere.at('a much/longer way/down'), { ...there, room: elsewhere });
  expect(listing(room.at('one'))).toEqual(listing(elsewhere.at('a much/longer way/down')));
  const compiled = readdirSync(room.at('one', siteOf(there.interpreter), 'demo/__pycache__'));
  for (const file of compiled)
    expect(readFileSync(room.at('one', siteOf(there.interpreter), 'demo/__pycache__', file)).includes(room.path)).toBe(
      false,
    );
});

test('commands run in an environment that was moved, and where a link points to them', async () => {
  using room = pythonRoom();
  const there = await enter(room);
  await venvWith('venv', everything, there);
  mkdirSync(room.at('another place'));
  const moved = room.at('another place/my venv');
  renameSync(room.at('venv'), moved);
  await room.shell.run(['ln', '-s', join(moved, 'bin/demo'), room.at('link')]);
  for (const command of ['demo', 'demo-gui', 'demo-old', 'demo-replaced']
    .map((name) => join(moved, 'bin', name))
    .concat(room.at('link')))
    expect((await room.shell.run([command, 'a b', '*'])).stdout).toEqual([`demo ${moved} a b *`]);
  expect((await room.shell.run([join(moved, 'bin/python'), join(moved, 'bin/demo')])).stdout).toEqual([
    `demo ${moved}`,
  ]);
  expect((await room.shell.run([join(moved, 'bin/demo-sh'), 'x'])).stdout).toEqual(['shell x']);
});

test('Python imports all of it from bytecode that it does not check', async () => {
  using room = pythonRoom();
  const there = await enter(room);
  const venv = await venvWith('venv', everything, there);
  const program = `
import demo, demo_pure, demo_plat, demo_space.part, importlib.metadata as metadata, sys
print(demo.COLOURS("red"), demo_pure.PURE, demo_plat.PLAT, demo_space.part.PART)
distribution = metadata.distribution("demo-lib")
print(all(file.locate().exists() for file in distribution.files), len(distribution.files))
print(*sorted(point.name for point in metadata.entry_points(group="console_scripts")))
print(open(demo.__cached__, "rb").read()[4:8] == b"\\x01\\0\\0\\0")
`;
  const { stdout } = await room.shell.run([join(venv, 'bin/python'), '-c', program]);
  const files = Object.keys(listing(room.at('venv-unpacked'))).length;
  expect(stdout).toEqual(['True 1 1 1', `True ${files}`, 'demo demo-replaced', 'True']);
});

const noPip = 'there is no pip 22.3 or newer on this machine';
const pipOf = async ({ room, interpreter }: Unpacked) => pipFor(interpreter, room).catch(() => undefined);

test('pip places the same files', async ({ skip }) => {
  using room = pythonRoom();
  const there = await enter(room);
  const pip = await pipOf(there);
  if (pip === undefined) return skip(noPip);
  const ours = await venvWith('ours', everything, there);
  const theirs = room.at('theirs');
  await room.python.writeVenv({ interpreter: there.interpreter, into: theirs });
  const wheel = room.at('wheels', makeWheel(everything).filename);
  const clean = { ...room.environment, PIP_CONFIG_FILE: '/dev/null' };
  await room.shell.run(
    [...pip, '--python', join(theirs, 'bin/python'), 'install', '--no-index', '--no-deps', '--compile', wheel],
    {
      environment: clean,
    },
  );
  const own = /\.pyc$|dist-info\/(?:INSTALLER|RECORD|REQUESTED|direct_url\.json)$/;
  // Those are ours, so that they can be moved; that they do the same is tested above.
  const commands = /^bin\/demo(?!-sh)/;
  const compared = (venv: string): readonly string[] =>
    Object.entries(listing(venv)).flatMap(([name, what]) =>
      own.test(name) ? [] : commands.test(name) ? [name] : [`${name} ${what}`],
    );
  expect(compared(ours)).toEqual(compared(theirs));
  const compiled = (venv: string): readonly string[] =>
    Object.keys(listing(venv)).filter((name) => name.endsWith('.pyc'));
  expect(compiled(ours)).toEqual(compiled(theirs));
  const recorded = (venv: string): readonly string[] =>
    readFileSync(join(venv, siteOf(there.interpreter), 'demo_lib-1.0.dist-info/RECORD'), 'utf8')
      .split('\n')
      .filter((line) => !own.test(line.split(',')[0]!) || line.includes('.pyc'))
      .map((line) => (line.includes('/bin/demo') ? line.split(',')[0]! : line))
      .toSorted();
  expect(recorded(ours)).toEqual(recorded(theirs));
});

test('pip lists, checks, shows and uninstalls it', async ({ skip }) => {
  using room = pythonRoom();
  const there = await enter(room);
  const pip = await pipOf(there);
  if (pip === undefined) return skip(noPip);
  await room.python.writeVenv({ interpreter: there.interpreter, into: room.at('empty') });
  const venv = await venvWith('venv', everything, there);
  const ask = async (...question: readonly string[]): Promise<string> => {
    const lines: string[] = [];
    await room.shell.run([...pip, '--python', join(venv, 'bin/python'), ...question], {
      onLine: (line) => lines.push(line),
    });
    return lines.join('\n');
  };
  expect(await ask('list', '--format=freeze')).toContain('demo-lib==1.0');
  expect(await ask('check')).toContain('No broken requirements found');
  const shown = await ask('show', '-f', 'demo-lib');
  for (const file of ['../../../bin/demo-old', 'demo/cli.py', '../../../share/demo/readme.txt'])
    expect(shown).toContain(file);
  expect(await ask('uninstall', '-y', 'demo-lib')).toContain('Successfully uninstalled');
  expect(listing(venv)).toEqual(listing(room.at('empty')));
});

test.for(['pip', 'uv'] as const)('%s as the installer gives the same bytes as our own', async (installer, { skip }) => {
  using room = pythonRoom();
  using other = pythonRoom({ installer });
  const there = await enter(room);
  if (installer === 'pip' && (await pipOf(there)) === undefined) return skip(noPip);
  if (installer === 'uv' && !(await room.shell.run(['uv', '--version']).then(() => true, () => false))) return skip('uv is not on PATH'); // prettier-ignore
  await unpack(everything, room.at('ours'), there);
  await unpack(everything, other.at('theirs'), { ...there, room: other });
  const differing = /dist-info\/(?:INSTALLER|RECORD)$/;
  const compared = (directory: string) => Object.entries(listing(directory)).filter(([name]) => !differing.test(name));
  expect(compared(other.at('theirs'))).toEqual(compared(room.at('ours')));
  const metadata = `${siteOf(there.interpreter)}/demo_lib-1.0.dist-info`;
  expect(readFileSync(other.at('theirs', metadata, 'INSTALLER'), 'utf8')).toBe(`${installer}\n`);
  expect(readdirSync(other.path).toSorted()).toEqual(['theirs', 'wheels']);
});

async function failureOf(
  spec: WheelSpec,
  change: { readonly filename?: string; readonly sha256?: string } = {},
): Promise<Failure> {
  using room = pythonRoom();
  const { interpreter } = await enter(room);
  const { path: wheel, filename, sha256 } = writeWheel(room.path, spec);
  const into = room.at('deep/inside/out');
  try {
    await room.python.unpackWheel({ wheel, filename, sha256, interpreter, into, ...change });
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    expect(readdirSync(room.path).toSorted()).toEqual(
      [...new Set(['deep', 'probes', filename])].filter((name) => existsSync(room.at(name))),
    );
    return error.failure;
  }
  throw new Error('The wheel was accepted');
}

const info = 'demo_lib-1.0.dist-info';
const plain: WheelSpec = { name: 'demo_lib', files: { 'demo.py': 'X = 1\n' } };
const tampered = (tamper: NonNullable<WheelSpec['tamper']>): WheelSpec => ({ ...plain, tamper });
const record = (entries: Map<string, Buffer>, change: (text: string) => string): void =>
  void entries.set(`${info}/RECORD`, Buffer.from(change(entries.get(`${info}/RECORD`)!.toString())));

test.for<[string, WheelSpec, string]>([
  [
    'a file that its RECORD does not list',
    tampered((entries) => entries.set('extra.py', Buffer.from(''))),
    'its RECORD lacks extra.py',
  ],
  [
    'a file that is missing',
    tampered((entries) => entries.delete('demo.py')),
    'its RECORD lists demo.py, which it lacks',
  ],
  [
    'changed bytes',
    tampered((entries) => entries.set('demo.py', Buffer.from('X = 2\n'))),
    'demo.py is not what its RECORD says',
  ],
  [
    'a file without a hash',
    tampered((entries) => record(entries, (text) => text.replace(/^demo\.py,.*$/m, 'demo.py,,'))),
    'demo.py is not what its RECORD says',
  ],
  [
    'a weak hash',
    tampered((entries) => record(entries, (text) => text.replace(/^demo\.py,.*$/m, 'demo.py,md5=x,6'))),
    'demo.py is not what its RECORD says',
  ],
  [
    'a RECORD that leaves the environment',
    tampered((entries) => record(entries, (text) => `../../../../x,,\n${text}`)),
    'its RECORD lists ../../../../x',
  ],
  ['a RECORD that is none', tampered((entries) => record(entries, () => 'a,b,c,d\n')), 'Not a line of a RECORD'],
  ['no RECORD', tampered((entries) => entries.delete(`${info}/RECORD`)), `it lacks ${info}/RECORD`],
  ['no WHEEL', tampered((entries) => entries.delete(`${info}/WHEEL`)), `it lacks ${info}/WHEEL`],
  ['no METADATA', tampered((entries) => entries.delete(`${info}/METADATA`)), `it lacks ${info}/METADATA`],
  [
    'no metadata at all',
    tampered((entries) => [...entries.keys()].forEach((name) => name.startsWith(info) && entries.delete(name))),
    'it has no .dist-info directory',
  ],
  [
    'another metadata directory',
    { ...plain, files: { 'other-1.dist-info/METADATA': '' } },
    'it has more than one .dist-info directory',
  ],
  [
    'a format of the future',
    { ...plain, tamper: (entries) => entries.set(`${info}/WHEEL`, Buffer.from('Wheel-Version: 2.0\n')) },
    'Wheel-Version is not 1',
  ],
  ['an entry that leaves the environment', { ...plain, files: { '../../evil.py': '' } }, 'it'],
  ['a script that leaves the environment', { ...plain, data: { scripts: { '../../evil': '' } } }, 'it'],
  ['a link', tampered((entries) => entries.set('demo_lib-1.0.data/nowhere/x', Buffer.from(''))), 'its RECORD lacks'],
  [
    'a file without a place',
    { ...plain, data: { nowhere: { x: '' } } as WheelSpec['data'] & object },
    'demo_lib-1.0.data/nowhere/x has no place',
  ],
  [
    'a command that leaves the environment',
    { ...plain, entryPoints: { console_scripts: { '../evil': 'demo:x' } } },
    'it declares a command that is none: "../evil = demo:x"',
  ],
  [
    'a command that is code',
    { ...plain, entryPoints: { console_scripts: { evil: 'demo:x;import os' } } },
    'it declares a command that is none',
  ],
  [
    'a command named python',
    { ...plain, entryPoints: { console_scripts: { python: 'demo:x' } } },
    "it would replace bin/python, which is the environment's own",
  ],
  [
    'a command named Python3.12',
    { ...plain, entryPoints: { gui_scripts: { 'Python3.12': 'demo:x' } } },
    'it would replace bin/Python3.12',
  ],
  [
    'a script named activate.fish',
    { ...plain, data: { scripts: { 'activate.fish': '' } } },
    'it would replace bin/activate.fish',
  ],
  [
    'data in the place of the interpreter',
    { ...plain, data: { data: { 'bin/python3': '' } } },
    'it would replace bin/python3',
  ],
  [
    'data in the place of the settings',
    { ...plain, data: { data: { 'pyvenv.cfg': '' } } },
    'it would replace pyvenv.cfg',
  ],
  ['a file where a directory is', { ...plain, data: { data: { lib64: '' } } }, 'it brings lib64 twice'],
  ['a module twice', { ...plain, data: { purelib: { 'demo.py': 'X = 1\n' } } }, 'demo.py twice'],
  ['a module below a module', { ...plain, data: { platlib: { 'demo.py/x.py': '' } } }, 'demo.py twice'],
  ['another system', { ...plain, tag: 'cp39-cp39-win_amd64' }, 'it is not made for Python'],
])('a wheel with %s is refused', async ([, spec, because]) => {
  const failure = await failureOf(spec);
  expect(failure).toMatchObject({ kind: 'refused', what: expect.stringContaining('demo_lib-1.0-') as string });
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

test("names that only look like the environment's own are allowed", async () => {
  using room = pythonRoom();
  const there = await enter(room);
  const commands = { 'python-argcomplete-check': 'demo:x', 'activate-global': 'demo:x', pythonize: 'demo:x' };
  await unpack({ ...plain, entryPoints: { console_scripts: commands } }, room.at('out'), there);
  for (const name of Object.keys(commands)) expect(statSync(room.at('out/bin', name)).mode & 0o777).toBe(0o755);
});
