import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

import { Failed } from '#engine';
import { buildable, tinyBuilder } from '../rig/builder.ts';
import { startFileServer } from '../rig/file-server.ts';
import { makeSource, tar } from '../rig/package-index.ts';
import { pythonRoom } from '../rig/python.ts';

const compiler = 'cc';
const hasCompiler = ((): boolean => {
  try {
    execFileSync(compiler, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** A room, and a source with the tree of tools that builds it. */
async function yard(what: Parameters<typeof buildable>[0]) {
  const room = pythonRoom();
  await room.unpack(tinyBuilder, room.at('tools'));
  writeFileSync(room.at('source'), makeSource(buildable(what)).bytes);
  const interpreter = await room.interpreter();
  const build = (into: string) =>
    room.python.buildWheel({
      source: { path: room.at('source') },
      tools: [room.at('tools')],
      interpreter,
      into: room.at(into),
    });
  return { room, interpreter, build, [Symbol.dispose]: (): void => room[Symbol.dispose]() };
}

test('a wheel is built in an environment that holds its tools and nothing else, and leaves nothing around it', async () => {
  using place = await yard({ name: 'crafted' });
  expect(await place.build('built')).toEqual({ filename: 'crafted-1.0-py3-none-any.whl' });
  expect(existsSync(place.room.at('built/crafted-1.0-py3-none-any.whl'))).toBe(true);
  expect(place.room.said).toContain('tiny_builder builds crafted');
  expect(readdirSync(place.room.path).toSorted()).toEqual(
    ['built', 'probes', 'source', 'tools', 'wheels'].filter((name) => existsSync(place.room.at(name))),
  );
});

test('a module in C is compiled, installed, and answers', async ({ skip }) => {
  if (!hasCompiler) return skip('there is no C compiler on this machine');
  using place = await yard({ name: 'crafted', native: true });
  const { room, interpreter } = place;
  const { filename } = await place.build('built');
  expect(filename).toMatch(/^crafted-1\.0-cp3\d+-cp3\d+-linux_\w+\.whl$/);
  const wheel = room.at('built', filename);
  const sha256 = hash('sha256', readFileSync(wheel));
  await room.python.writeVenv({ interpreter, into: room.at('venv') });
  await room.python.unpackWheel({ wheel, filename, sha256, interpreter, into: room.at('unpacked') });
  execFileSync('cp', ['-a', `${room.at('unpacked')}/.`, room.at('venv')]);
  const answer = execFileSync(
    room.at('venv/bin/python'),
    ['-c', 'import crafted_native; print(crafted_native.answer())'],
    { encoding: 'utf8' },
  );
  expect(answer).toBe('42\n');
});

test('a builder finds no network, not even a server of this machine', async () => {
  await using server = await startFileServer();
  using place = await yard({ name: 'crafted', fetches: server.serve('/model.bin', 'bytes') });
  const error: unknown = await place.build('built').catch((thrown: unknown) => thrown);
  expect(error instanceof Failed && error.failure).toMatchObject({ kind: 'command', exitCode: 1 });
  expect(server.asked).toEqual([]);
  expect(place.room.said.join('\n')).toMatch(/Connection refused/);
});

test.for(['../outside.txt', '/outside.txt', 'crafted-1.0/../../outside.txt'])(
  'an archive that holds %s is refused',
  async (path) => {
    using place = await yard({ name: 'crafted' });
    writeFileSync(
      place.room.at('source'),
      gzipSync(
        tar([
          ['crafted-1.0/pyproject.toml', Buffer.from('')],
          [path, Buffer.from('x')],
        ]),
      ),
    );
    await expect(place.build('built')).rejects.toThrow('which leads out of it');
    expect(existsSync(place.room.at('outside.txt'))).toBe(false);
  },
);
