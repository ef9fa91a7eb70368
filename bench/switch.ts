import { realize } from './commands.ts';
import { findGround } from './ground.ts';
import { against, type Line } from './report.ts';
import { once, type Stopwatch } from './stopwatch.ts';
import { type Chosen, newest, writeLock } from './write-lock.ts';

/** One node goes to a commit, or to a release, that was there before; without the network. */
export async function switched(stopwatch: Stopwatch): Promise<readonly Line[]> {
  const { world, loopback, parts, lock } = await findGround();
  const { repositories, packs, ...rest } = newest(parts);
  const [core, node, ...others] = repositories;
  const earlier = { ...node!, commit: parts.nodes[0]!.commits.at(-2)! };
  const changes: Readonly<Record<string, Chosen>> = {
    commit: { ...rest, packs, repositories: [core!, earlier, ...others] },
    release: { ...rest, repositories, packs: [parts.packs[0]![0]!, ...packs.slice(1)] },
  };
  const bare = { name: 'node -e 0', argv: [process.execPath, '-e', '0'] } as const;
  return Object.entries(changes).map(([what, chosen]) => {
    const other = writeLock(world, what, chosen, loopback.far);
    once({ ...realize(world, { lock: other, target: 'target' }), name: 'the first time there' });
    const back = { ...realize(world, { lock, target: 'target' }), name: 'back' };
    const there = realize(world, { lock: other, target: 'target', more: ['--offline'] });
    const before = (): void => void once(back);
    const [empty, switching] = stopwatch.measure([bare, { ...there, name: `to a ${what}`, before }]);
    return against(`switch one node to another ${what}`, switching, empty, 5);
  });
}
