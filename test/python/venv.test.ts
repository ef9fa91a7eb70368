import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { expect, test } from 'vitest';

import { listing, pythonRoom } from '../rig/python.ts';

const facts = `
import json, site, sys, sysconfig
print(json.dumps({
    'prefix': sys.prefix, 'base': sys.base_prefix, 'path': sys.path, 'sites': site.getsitepackages(),
    'paths': {name: path for name, path in sysconfig.get_paths().items()}, 'user': site.ENABLE_USER_SITE,
}))
`;

test('Python sees what it sees in an environment of its own making', async () => {
  using room = pythonRoom();
  const interpreter = await room.interpreter();
  await room.shell.run([interpreter.path, '-m', 'venv', '--without-pip', room.at('theirs')]);
  await room.python.writeVenv({ interpreter, into: room.at('ours') });
  const seen = async (venv: string): Promise<unknown> => {
    const { stdout } = await room.shell.run([room.at(venv, 'bin/python'), '-c', facts]);
    return JSON.parse(stdout.at(-1)!.replaceAll(room.at(venv), '<venv>')) as unknown;
  };
  expect(await seen('ours')).toEqual(await seen('theirs'));
  const files = (venv: string): readonly string[] =>
    Object.keys(listing(room.at(venv))).filter((name) => name !== 'bin/Activate.ps1' && name !== '.gitignore');
  expect(files('ours')).toEqual(files('theirs'));
});

test('only the place of the interpreter is absolute in it', async () => {
  using room = pythonRoom();
  const interpreter = await room.interpreter();
  await room.python.writeVenv({ interpreter, into: room.at('one') });
  await room.python.writeVenv({ interpreter, into: room.at('deep/er/two') });
  expect(listing(room.at('one'))).toEqual(listing(room.at('deep/er/two')));
  expect(readFileSync(room.at('one/pyvenv.cfg'), 'utf8')).not.toContain(room.path);
});

const posix = `. "$0/bin/activate" && echo "$VIRTUAL_ENV" && python -c 'import sys; print(sys.prefix)' && deactivate && echo "\${VIRTUAL_ENV:-none}" "$PATH"`;
const spoken: Readonly<Record<string, string>> = {
  'sh -eu': posix,
  'bash -eu': posix,
  'zsh -eu': posix,
  ksh: posix,
  fish: `source $argv[1]/bin/activate.fish; echo $VIRTUAL_ENV; python -c 'import sys; print(sys.prefix)'; deactivate; set -q VIRTUAL_ENV; or echo none (string join : $PATH)`,
  'tcsh -f': `source "$argv[1]/bin/activate.csh"\necho "$VIRTUAL_ENV"\npython -c 'import sys; print(sys.prefix)'\ndeactivate\nif (! $?VIRTUAL_ENV) echo none "$PATH"`,
};

test.for(Object.entries(spoken))(
  '%s activates an environment wherever it was moved',
  async ([shell, script], { skip }) => {
    using room = pythonRoom();
    const [program = '', ...options] = shell.split(' ');
    const there = await room.shell.run(['sh', '-c', `command -v ${program} || true`]);
    skip(there.stdout.length === 0, `${program} is not on this machine`);
    skip(process.platform !== 'linux' && /^(?:sh|tcsh)/.test(shell), 'only Linux tells which files a shell has open');
    const interpreter = await room.interpreter();
    await room.python.writeVenv({ interpreter, into: room.at('venv') });
    mkdirSync(room.at('another place'));
    renameSync(room.at('venv'), room.at('another place/my venv'));
    const moved = room.at('another place/my venv');
    const { stdout } = await room.shell.run([program, ...options, '-c', script, moved]);
    expect(stdout).toEqual([moved, moved, `none ${room.environment['PATH']}`]);
  },
);
