import { mkdirSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { contentOf } from '#cache';
import { expect, test } from 'vitest';

import { sitePackagesOf } from '../../tasks/tools/python/venv.ts';
import { listing, pythonRoom } from '../rig/python.ts';
import { everything } from '../rig/wheels.ts';

test('every file has its place, and what an installer leaves behind is there', async () => {
  using room = pythonRoom();
  await room.unpack(everything, room.at('out'));
  const interpreter = await room.interpreter();
  const site = sitePackagesOf(interpreter);
  const files = Object.keys(listing(room.at('out')));
  expect(files.filter((file) => !file.endsWith('.pyc')).map((file) => file.replace(site, '<site>'))).toEqual(
    [
      'bin/demo',
      'bin/demo-gui',
      'bin/demo-old',
      'bin/demo-replaced',
      'bin/demo-sh',
      'etc/demo.cfg',
      `include/site/${site.split('/')[1]}/demo-lib/demo.h`,
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
    ].toSorted((a, b) => (a.replace('<site>', site) < b.replace('<site>', site) ? -1 : 1)),
  );
  const sources = ['demo/__init__', 'demo/cli', 'demo_pure', 'demo_plat/__init__', 'demo_space/part/__init__'];
  const compiled = sources.map((path) =>
    join(site, path, '../__pycache__', `${path.split('/').at(-1)}.${interpreter.cacheTag}.pyc`),
  );
  expect(files.filter((file) => file.endsWith('.pyc'))).toEqual(compiled.toSorted());
  expect(readFileSync(room.at('out', site, 'demo_lib-1.0.dist-info/INSTALLER'), 'utf8')).toBe('pipeline\n');
});

test('what is told of the files is what is in them: scripts that were changed, bytecode that was brought along', async () => {
  using room = pythonRoom();
  const { cacheTag } = await room.interpreter();
  const brought = [`demo/__pycache__/cli.${cacheTag}.pyc`, `demo/__pycache__/for_python_2.${cacheTag}.pyc`];
  const files = { ...everything.files, ...Object.fromEntries(brought.map((path) => [path, 'brought along'])) };
  const known = await room.unpack({ ...everything, files }, room.at('out'));
  for (const [path, content] of known)
    expect([path, contentOf(readFileSync(room.at('out', path)))]).toEqual([path, content]);
  const untold = Object.keys(listing(room.at('out'))).filter((path) => !known.has(path));
  expect(untold.filter((path) => !path.endsWith('.pyc'))).toEqual([expect.stringMatching(/RECORD$/)]);
});

test('the same wheel gives the same bytes in every place', async () => {
  using room = pythonRoom();
  using elsewhere = pythonRoom();
  await room.unpack(everything, room.at('one'));
  await elsewhere.unpack(everything, elsewhere.at('a much/longer way/down'));
  expect(listing(room.at('one'))).toEqual(listing(elsewhere.at('a much/longer way/down')));
  const cache = room.at('one', sitePackagesOf(await room.interpreter()), 'demo/__pycache__');
  for (const file of readdirSync(cache)) expect(readFileSync(join(cache, file)).includes(room.path)).toBe(false);
});

test('commands run in an environment that was moved, and where a link points to them', async () => {
  using room = pythonRoom();
  await room.venvWith('venv', everything);
  mkdirSync(room.at('another place'));
  const moved = room.at('another place/my venv');
  renameSync(room.at('venv'), moved);
  await room.shell.run(['ln', '-s', join(moved, 'bin/demo'), room.at('link')]);
  const commands = ['demo', 'demo-gui', 'demo-old', 'demo-replaced'].map((name) => join(moved, 'bin', name));
  for (const command of [...commands, room.at('link')])
    expect((await room.shell.run([command, 'a b', '*'])).stdout).toEqual([`demo ${moved} a b *`]);
  const asSource = [join(moved, 'bin/python'), join(moved, 'bin/demo')] as const;
  expect((await room.shell.run(asSource)).stdout).toEqual([`demo ${moved}`]);
  expect((await room.shell.run([join(moved, 'bin/demo-sh'), 'x'])).stdout).toEqual(['shell x']);
});

test('Python imports all of it, from bytecode that it does not check', async () => {
  using room = pythonRoom();
  const venv = await room.venvWith('venv', everything);
  const program = `
import demo, demo_pure, demo_plat, demo_space.part, importlib.metadata as metadata
print(demo.COLOURS("red"), demo_pure.PURE, demo_plat.PLAT, demo_space.part.PART)
distribution = metadata.distribution("demo-lib")
print(all(file.locate().exists() for file in distribution.files), len(distribution.files))
print(*sorted(point.name for point in distribution.entry_points if point.group == "console_scripts"))
print(open(demo.__cached__, "rb").read()[4:8] == b"\\x01\\0\\0\\0")
`;
  const { stdout } = await room.shell.run([join(venv, 'bin/python'), '-c', program]);
  const files = Object.keys(listing(room.at('venv-unpacked'))).length;
  expect(stdout).toEqual(['True 1 1 1', `True ${files}`, 'demo demo-replaced', 'True']);
});

test("names that only look like the environment's own are allowed", async () => {
  using room = pythonRoom();
  const commands = { 'python-argcomplete-check': 'demo:x', 'activate-global': 'demo:x', pythonize: 'demo:x' };
  await room.unpack({ name: 'demo_lib', entryPoints: { console_scripts: commands } }, room.at('out'));
  for (const name of Object.keys(commands)) expect(statSync(room.at('out/bin', name)).mode & 0o777).toBe(0o755);
});
