import type * as z from 'zod/mini';

import type { Tree } from '#cache';
import { definePipeline, type Step } from '#engine';
import { fetchNode } from '../tasks/fetch-node.ts';
import { fetchRelease } from '../tasks/fetch-release.ts';
import type { GitPin } from '../tasks/git-pin.ts';
import { moveNodes } from '../tasks/move-nodes.ts';
import { placeNode } from '../tasks/place-node.ts';
import { runInstallScript } from '../tasks/run-install-script.ts';
import { settleNodes } from '../tasks/settle-nodes.ts';

/** Where the bytes of a pack come from, pinned. */
export type NodeSource =
  | { readonly from: 'registry'; readonly id: string; readonly version: string; readonly registry: string }
  | { readonly from: 'git'; readonly name: string; readonly repo: string; readonly pin: z.input<typeof GitPin> };

/** One pack in one target: what goes, what moves, what is put there. Paths are counted from the target. */
export interface NodeFacts {
  readonly removals: readonly string[];
  readonly moves: readonly { readonly from: string; readonly to: string }[];
  readonly place?: Placing;
}

/** A directory below `custom_nodes` that is filled. */
export interface Placing {
  readonly source: NodeSource;
  readonly slot: { readonly name: string; readonly kind: 'git' | 'registry' | 'local'; readonly nth?: number };
  readonly directory: string;
  readonly takesOver?: { readonly tree?: string; readonly tracked?: readonly string[]; readonly commit?: string };
  readonly runInstall: boolean;
}

/** Changes one pack of a target: the same steps, and the same rules, by which `realize` places packs. */
export const node = definePipeline({
  name: 'node',
  summary: 'Install, update, uninstall or list one node pack of a ComfyUI directory',

  read: (facts: NodeFacts) => facts,

  plan({ removals, moves, place }): Step {
    const moved =
      removals.length + moves.length === 0
        ? { active: [] }
        : moveNodes({ removals: [...removals], moves: moves.map(({ from, to }) => ({ from, to })) });
    if (place === undefined) return settleNodes({ moved, placed: [] });
    const { slot, directory, takesOver, runInstall } = place;
    const fetched = fetchSource(place.source);
    const named = { ...slot, ...(directory !== slot.name && { directory }) };
    const inherits = takesOver && {
      takesOver: { ...takesOver, ...(takesOver.tracked && { tracked: [...takesOver.tracked] }) },
    };
    const placed = placeNode({ ...named, fetched, swapped: moved, runInstall, ...inherits });
    const settled = settleNodes({ moved, placed: [placed] });
    return runInstall ? runInstallScript({ ...named, fetched, after: settled }) : settled;
  },
});

/** The step that has the bytes of a source in the store. */
export function fetchSource(source: NodeSource): Step<{ source: Tree; version: string }> {
  if (source.from === 'registry')
    return fetchRelease({ id: source.id, version: source.version, registry: source.registry });
  const { name, repo, pin } = source;
  return fetchNode({ name, repo, pin });
}
