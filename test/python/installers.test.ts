import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { pipFor } from '../../tasks/tools/python/pip.ts';
import { sitePackagesOf } from '../../tasks/tools/python/venv.ts';
import { listing, pythonRoom } from '../rig/python.ts';
import { everything, makeWheel } from '../rig/wheels.ts';

type Room = ReturnType<typeof pythonRoom>;

/** Calls pip for an environment of the room, where there is a pip. */
function pipIn(
  room: Room,
  skip: (note: string) => never,
): (venv: string, ...argv: readonly string[]) => Promise<string> {
  return async (venv, ...argv) => {
    const pip = await pipFor(await room.interpreter(), room, join(venv, 'bin/python')).catch(() => skip(noPip));
    const lines: string[] = [];
    const environment = { ...room.environment, PIP_CONFIG_FILE: '/dev/null' };
    await room.shell.run([...pip, ...argv], { environment, onLine: (line) => lines.push(line) });
    return lines.join('\n');
  };
}

const noPip = 'there is no pip 22.3 or newer on this machine';

const metadata = async (room: Room, file: string): Promise<string> =>
  join(sitePackagesOf(await room.interpreter()), 'demo_lib-1.0.dist-info', file);

test('pip places the same files and records the same', async ({ skip }) => {
  using room = pythonRoom();
  const pip = pipIn(room, skip);
  const ours = await room.venvWith('ours', everything);
  const theirs = room.at('theirs');
  await room.python.writeVenv({ interpreter: await room.interpreter(), into: theirs });
  await pip(
    theirs,
    'install',
    '--no-index',
    '--no-deps',
    '--compile',
    room.at('wheels', makeWheel(everything).filename),
  );
  const whose = /dist-info\/(?:INSTALLER|RECORD|REQUESTED|direct_url\.json)$/;
  // Commands are ours, so that they can be moved, and so is bytecode, so that it is the same everywhere: only their names are compared.
  const remade = /\.pyc$|^(?:\.\.\/\.\.\/\.\.\/)?bin\/demo(?!-sh)/;
  const compared = (named: readonly (readonly [string, string])[]): readonly string[] =>
    named
      .flatMap(([name, what]) => (whose.test(name) ? [] : remade.test(name) ? [name] : [`${name} ${what}`]))
      .toSorted();
  expect(compared(Object.entries(listing(ours)))).toEqual(compared(Object.entries(listing(theirs))));
  const record = await metadata(room, 'RECORD');
  const recorded = (venv: string): readonly string[] =>
    compared(
      readFileSync(join(venv, record), 'utf8')
        .split(/\r?\n/)
        // pip records a script that it did not place, because a command of its name took the place.
        .filter((line) => !line.includes('.data/scripts/'))
        .map((line) => [line.split(',').slice(0, -2).join(','), line]),
    );
  expect(recorded(ours)).toEqual(recorded(theirs));
});

test('pip lists, checks, shows and uninstalls it', async ({ skip }) => {
  using room = pythonRoom();
  const pip = pipIn(room, skip);
  await room.python.writeVenv({ interpreter: await room.interpreter(), into: room.at('empty') });
  const venv = await room.venvWith('venv', everything);
  expect(await pip(venv, 'list', '--format=freeze')).toMatch(/^demo[-_]lib==1\.0$/m);
  expect(await pip(venv, 'check')).toContain('No broken requirements found');
  const shown = await pip(venv, 'show', '-f', 'demo-lib');
  for (const file of ['../../../bin/demo-old', 'demo/cli.py', '../../../share/demo/readme.txt'])
    expect(shown).toContain(file);
  expect(await pip(venv, 'uninstall', '-y', 'demo-lib')).toContain('Successfully uninstalled');
  expect(listing(venv)).toEqual(listing(room.at('empty')));
});

/** What is the same whoever installed. */
const unsigned = (record: string): string => record.replace(/^.*INSTALLER,.*$/m, '');
const contentOf = (directory: string) =>
  Object.entries(listing(directory)).filter(([name]) => !/dist-info\/(?:INSTALLER|RECORD)$/.test(name));

test.for(['pip', 'uv'] as const)('%s as the installer gives the same bytes as our own', async (installer, { skip }) => {
  using room = pythonRoom();
  using other = pythonRoom({ installer });
  if (installer === 'pip') await pipFor(await room.interpreter(), room).catch(() => skip(noPip));
  else await room.shell.run(['uv', '--version']).catch(() => skip('uv is not on PATH'));
  await room.unpack(everything, room.at('ours'));
  await other.unpack(everything, other.at('theirs'));
  expect(contentOf(other.at('theirs'))).toEqual(contentOf(room.at('ours')));
  expect(readFileSync(other.at('theirs', await metadata(room, 'INSTALLER')), 'utf8')).toBe(`${installer}\n`);
  const record = await metadata(room, 'RECORD');
  expect(unsigned(readFileSync(other.at('theirs', record), 'utf8'))).toBe(
    unsigned(readFileSync(room.at('ours', record), 'utf8')),
  );
  expect(readdirSync(other.path).toSorted()).toEqual(['theirs', 'wheels']);
});
