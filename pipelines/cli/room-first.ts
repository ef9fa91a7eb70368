import { existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { blobOf, type Digest, type Store } from '#cache';
import { Failed, forecast, type Plan, type Workshop } from '#engine';
import { formatBytes } from './render/format-bytes.ts';

/** Where things are, and where they may be already. */
interface Places {
  readonly cache: string;
  /** Directories in which a person may have put models. */
  readonly own: readonly string[];
  readonly pathOf: Store['pathOf'];
}

/**
 * The same workshop; but before the first thing is fetched, everything that the plan is to fetch must find room. That fails
 * with how much is missing, and where, instead of after hours.
 */
export function roomFirst(workshop: Workshop, plan: Plan, places: Places): Workshop {
  let checked: Promise<void> | undefined;
  const { executor } = workshop;
  return {
    ...workshop,
    executor: {
      async run(action) {
        if (action.planned.step.task.resource === 'network') await (checked ??= assertRoomFor(workshop, plan, places));
        return executor.run(action);
      },
    },
  };
}

async function assertRoomFor(workshop: Workshop, plan: Plan, { cache, own, pathOf }: Places): Promise<void> {
  // It is enough to know what seems to be here: a look at every byte would take longer than what it saves.
  const isHere = (digest: Digest): boolean => existsSync(pathOf(digest));
  const prospects = await forecast(plan, { ...workshop, proves: isHere });
  const store = nearest(join(cache, 'store'));
  const volume = statSync(store).dev;
  const bytes = prospects.map(({ step, prospect, bytes: size = 0 }) => {
    const { path, sha256 } = plan.steps.find(({ id }) => id === step)!.step.input as Partial<Record<string, unknown>>;
    if (prospect === 'hit' || (typeof sha256 === 'string' && isHere(blobOf(sha256)))) return 0;
    if (typeof path === 'string' && own.some((directory) => sharesRoom(join(directory, path), size, volume))) return 0;
    return Math.max(0, size - begunOf(cache, sha256));
  });
  const needed = bytes.reduce((sum, each) => sum + each, 0);
  const { bavail, bsize, blocks } = statfsSync(store);
  const free = bavail * bsize;
  // A volume that answers zero blocks knows nothing of its size.
  if (blocks === 0 || needed <= free) return;
  throw new Failed({
    kind: 'disk',
    path: join(cache, 'store/blobs'),
    code: 'ENOSPC',
    hint: `${formatBytes(needed)} are to be fetched, and ${formatBytes(free)} are free there: free ${formatBytes(needed - free)} more, or choose another $COMFY_CACHE_ROOT`,
  });
}

/** How much of a file an earlier run has left on the disk, in bytes. */
function begunOf(cache: string, sha256: unknown): number {
  try {
    const directory = join(cache, 'partial');
    const begun = readdirSync(directory).filter((name) => name.startsWith(`${String(sha256)}.`));
    return Math.max(0, ...begun.map((name) => statSync(join(directory, name)).blocks * 512));
  } catch {
    return 0;
  }
}

/** Whether a file takes no more room when it is taken into the store: one of another volume is copied. */
function sharesRoom(path: string, size: number, volume: number): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.size === size && stat.dev === volume;
}

/** The directory, or the first one above it that is there. */
const nearest = (directory: string): string => (existsSync(directory) ? directory : nearest(dirname(directory)));
