import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

import { Failed, type Failure } from '#engine';
import { fitOf } from '../../tasks/tools/python/find.ts';
import { pythonRoom } from '../rig/python.ts';

/** A room with an empty PATH of two directories, and what fills it: fake interpreters, which count who asks them. */
function fakeRoom() {
  const room = pythonRoom({ path: ['first', 'second'] });
  const log = room.at('asked');
  writeFileSync(log, '');
  return Object.assign(room, {
    asked: (): number => readFileSync(log, 'utf8').split('\n').length - 1,
    /** An interpreter that says it is `version`, or whatever the file `deciding` says it is. */
    put(place: string, version: string, deciding = 'undecided'): string {
      const command = room.at(place);
      mkdirSync(dirname(command), { recursive: true });
      const answer = `{"path":"${command}","version":"'"$v"'","cacheTag":"cpython-3","platform":"linux-x86_64"}`;
      writeFileSync(
        command,
        `#!/bin/sh\necho >>'${log}'\nv=${version}\n[ -f '${room.at(deciding)}' ] && read v <'${room.at(deciding)}'\necho '${answer}'\n`,
        { mode: 0o755 },
      );
      return command;
    },
  });
}

const failureOf = (finding: Promise<unknown>): Promise<Failure> =>
  finding.then(
    () => Promise.reject(new Error('Something was found')),
    (error: unknown) => (error instanceof Failed ? error.failure : Promise.reject(error)),
  );

test.for([
  ['3.11.7', undefined, 'exact'],
  ['3.11.7', '3', 'exact'],
  ['3.11.7', '3.11', 'exact'],
  ['3.11.7', '3.11.7', 'exact'],
  ['3.11.7', '3.11.9', 'near'],
  ['3.11.7', '3.1', 'none'],
  ['3.11.7', '3.11.70', 'near'],
  ['3.11.7', '3.12', 'none'],
  ['3.1.1', '3.11', 'none'],
  ['3.7.9', '3', 'none'],
  ['3.7.9', undefined, 'none'],
] as const)('Python %s as %s: %s', ([version, wanted, fit]) => {
  expect(fitOf(version, wanted)).toBe(fit);
});

test('the first that fits is found: the command, then the usual names along PATH', async () => {
  using room = fakeRoom();
  room.put('first/python3', '3.12.1');
  const second = room.put('second/python3', '3.11.2');
  const named = room.put('second/python3.11', '3.11.7');
  const aside = room.put('aside/my-python', '3.11.9');
  const found = async (version: string, command?: string) =>
    (await room.python.find({ version, ...(command === undefined ? {} : { command }) })).path;
  expect(await found('3.11')).toBe(named);
  expect(await found('3.11', aside)).toBe(aside);
  expect(await found('3.11', 'python3')).toBe(second);
  expect(await found('3.12', aside)).toBe(room.at('first/python3'));
  expect(await found('3.12', 'no-such-command')).toBe(room.at('first/python3'));
});

test('another patch level is taken when there is no better one, and said', async () => {
  using room = fakeRoom();
  const near = room.put('first/python3', '3.11.7');
  expect((await room.python.find({ version: '3.11.9' })).path).toBe(near);
  expect(room.said).toEqual([`Python 3.11.9 is wanted and not here: using 3.11.7 (${near})`]);
  const exact = room.put('second/python3', '3.11.9');
  expect((await room.python.find({ version: '3.11.9' })).path).toBe(exact);
  expect(room.said).toHaveLength(1);
});

test('a second search starts no child, whatever it looks at on its way', async () => {
  using room = fakeRoom();
  room.put('first/python3.11', '2.7.18');
  room.put('first/python3', '3.12.1');
  const wanted = room.put('second/python3', '3.11.7');
  expect((await room.python.find({ version: '3.11' })).path).toBe(wanted);
  expect(room.asked()).toBe(3);
  expect((await room.python.find({ version: '3.11' })).path).toBe(wanted);
  expect(room.asked()).toBe(3);
});

test('an interpreter that changed is asked again', async () => {
  using room = fakeRoom();
  room.put('first/python3', '3.11.7');
  expect((await room.python.find({})).version).toBe('3.11.7');
  room.put('first/python3', '3.11.10');
  expect((await room.python.find({})).version).toBe('3.11.10');
});

test('a shim is asked again when the file beside it names another version', async () => {
  using room = fakeRoom();
  writeFileSync(room.at('version'), '3.11.7\n');
  room.put('first/python3', '0', 'version');
  expect((await room.python.find({})).version).toBe('3.11.7');
  writeFileSync(room.at('version'), '3.12.10\n');
  expect((await room.python.find({})).version).toBe('3.12.10');
});

test('what is remembered never stands in the way', async () => {
  using room = fakeRoom();
  room.put('first/python3', '3.11.7', 'elsewhere');
  expect((await room.python.find({ version: '3.11' })).version).toBe('3.11.7');
  // Nothing that is looked at changes: only asking tells.
  writeFileSync(room.at('elsewhere'), '3.12.1\n');
  expect((await room.python.find({ version: '3.12' })).version).toBe('3.12.1');
});

test.for(['', '{', '[]', '{"x":1}', '{"/x":{"witness":"","interpreter":{"path":"relative"}}}'])(
  'a memory that holds %j is none',
  async (text) => {
    using room = fakeRoom();
    room.put('first/python3', '3.11.7');
    mkdirSync(room.at('probes'));
    writeFileSync(room.at('probes/python.json'), text);
    expect((await room.python.find({})).version).toBe('3.11.7');
    await room.python.find({});
    expect(room.asked()).toBe(1);
  },
);

test('where nothing can be remembered, it is asked every time', async () => {
  using room = fakeRoom();
  room.put('first/python3', '3.11.7');
  writeFileSync(room.at('probes'), 'not a directory');
  await room.python.find({});
  expect((await room.python.find({})).version).toBe('3.11.7');
  expect(room.asked()).toBe(2);
});

test('when nothing fits, the failure says what there is and how to choose', async () => {
  using room = fakeRoom();
  expect(await failureOf(room.python.find({ version: '3.12' }))).toMatchObject({
    kind: 'absent',
    what: 'Python 3.12',
    hint: 'no Python was found; name an interpreter in COMFY_PYTHON, or another python.version',
  });
  const other = room.put('first/python3', '3.11.7');
  const failure = await failureOf(room.python.find({ version: '3.12', command: 'my-python' }));
  expect(failure).toMatchObject({ kind: 'absent', what: 'Python 3.12 or a fitting my-python' });
  expect('hint' in failure && failure.hint).toContain(`found 3.11.7 (${other})`);
});

test('the real Python of this machine is found, behind shims and virtual environments', async () => {
  using room = pythonRoom();
  const interpreter = await room.python.find({ version: '3' });
  const { stdout } = await room.shell.run([
    interpreter.path,
    '-c',
    'import platform; print(platform.python_version())',
  ]);
  expect(stdout).toEqual([interpreter.version]);
  expect(interpreter.cacheTag).toBe(`cpython-${interpreter.version.split('.').slice(0, 2).join('')}`);
  await room.python.writeVenv({ interpreter, into: room.at('venv') });
  expect(await room.python.find({ command: join(room.path, 'venv/bin/python') })).toEqual(interpreter);
});
