import { join } from 'node:path';

import { realize, script, uv, without } from './commands.ts';
import { findGround } from './ground.ts';
import { against, type Line, notHere } from './report.ts';
import { once, type Stopwatch } from './stopwatch.ts';
import { newest, writeLists, writeLock } from './write-lock.ts';

/** A second directory with the same wheels and models, and all nodes but one. */
export async function second(stopwatch: Stopwatch): Promise<readonly Line[]> {
  const { world, loopback, parts } = await findGround();
  const one = newest(parts);
  const chosen = { ...one, packs: one.packs.slice(1) };
  const lock = writeLock(world, 'second', chosen, loopback.far);
  const ours = { ...realize(world, { lock, target: 'second' }), name: 'realize', before: without(world, 'second') };
  const copy = {
    name: 'cp -al of the first',
    argv: ['cp', '-al', join(world.root, 'target'), join(world.root, 'copy')],
    before: without(world, 'copy'),
  } as const;
  // Nobody waits for what the ground has written.
  once({ name: 'sync', argv: ['sync', '-f', world.root] });
  const [realized, copied] = stopwatch.measure([ours, copy], { runs: 5 });
  const lines = [against('second version', realized, copied, 1.5)];
  if (uv() === undefined) return [...lines, notHere('second version, against uv', 'neither PyPI nor PATH has it')];
  const lists = writeLists(world, 'second', chosen, loopback.far);
  const flags = ['--index-url', `${loopback.far.files}/simple/`, '--compile-bytecode'];
  const theirs = {
    ...script(world, { lists, target: 'with-uv', installer: 'uv', flags }),
    name: 'script with uv --compile-bytecode',
    before: without(world, 'with-uv'),
  };
  // Its cache is as warm as ours.
  once(theirs);
  const [again, scripted] = stopwatch.measure([ours, theirs], { runs: 5, warmUp: false });
  return [...lines, against('second version', again, scripted)];
}
