import { sha256Of, type Tree } from '#cache';
import type { Part } from '#engine';
import { renderListing } from './listing.ts';
import { belowBase } from './path.ts';
import type { Recipe, Recipes } from './recipes.ts';
import { readWanted, type Shelves, type Wanted } from './wanted.ts';

/** What a slot is to own; `digest` stands for it. */
interface Order {
  readonly base: string;
  readonly parts: readonly Part[];
  readonly digest: string;
}

interface Place {
  readonly target: string;
  readonly store: Shelves;
  readonly recipes: Recipes | undefined;
}

/** A recipe, for what is below `base`, and where the trees that it speaks of are: absolute, in the order of the parts. */
export interface WorkedOut {
  readonly base: string;
  readonly recipe: Recipe;
  readonly roots: readonly string[];
}

/**
 * The recipe of a slot that shares the files of whole trees with the store: as it is on record, or worked out now. Undefined
 * where something else is wanted too, or nobody knows what some file looks like.
 */
export async function workOut(order: Order, { target, store, recipes }: Place): Promise<WorkedOut | undefined> {
  const trees = order.parts.flatMap((part) => ('tree' in part && isShared(part) ? [part.tree] : []));
  const looks = trees.map((tree) => store.lookedLike(tree));
  if (trees.length === 0 || trees.length < order.parts.length || looks.includes('')) return undefined;
  const name = sha256Of(['recipe 1', order.digest, ...looks].join('\n'));
  const roots = trees.map((tree) => store.pathOf(tree));
  const known = recipes?.recall(name);
  if (known !== undefined) return { base: order.base, recipe: known, roots };
  const recipe = recipeOf(await readWanted(order, { target, store }), { base: order.base, roots });
  if (recipe === undefined) return undefined;
  recipes?.keep(name, recipe);
  return { base: order.base, recipe, roots };
}

const isShared = ({ at, how }: { readonly tree: Tree; readonly at: string; readonly how: string }): boolean =>
  at === '' && how === 'link';

/** The most lines of one section: some milliseconds of work. */
const mostLines = 400;

function recipeOf(
  { wants, files, overlaps }: Wanted,
  { base, roots }: { readonly base: string; readonly roots: readonly string[] },
): Recipe | undefined {
  const partOf = new Map(roots.map((root, part) => [root, part]));
  const sections: [part: number, lines: number][] = [];
  for (const { item, source, look } of wants.values()) {
    if (source.from !== 'store' || (item.type === 'file' && look === undefined)) return undefined;
    const part = partOf.get(source.root)!;
    const last = sections.at(-1);
    if (last?.[0] === part && last[1] < mostLines) last[1] += 1;
    else sections.push([part, 1]);
  }
  const listing = renderListing(
    wants
      .entries()
      .map(([path, { item, look }]) => [
        belowBase(base, path),
        item.type === 'file' && look !== undefined ? { ...item, fingerprint: look } : item,
      ]),
  );
  return { files, overlaps: [...overlaps], sections, listing };
}
