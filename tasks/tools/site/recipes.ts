import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';

import { openTemps, sha256Of } from '#cache';

const Head = z.object({
  format: z.literal(1),
  /** Of the listing. */
  sha256: z.string(),
  files: z.int(),
  overlaps: z.array(z.object({ count: z.int(), path: z.string() })),
  sections: z.array(z.tuple([z.int(), z.int()])),
});

/**
 * How some trees of the store are laid out together where nothing is yet. It is the same for every target: what is a hard link
 * looks like the store's file.
 */
export interface Recipe extends Omit<z.infer<typeof Head>, 'format' | 'sha256'> {
  /** What a slot will own, each file with the look of the store's. */
  readonly listing: string;
}

/** Recipes, by what decides them. Losing one costs the time to work it out again. */
export interface Recipes {
  recall(name: string): Recipe | undefined;
  keep(name: string, recipe: Recipe): void;
}

/** Recipes as files of `directory`: a line of JSON, then the listing, which is believed as long as it hashes to what that says. */
export function openRecipes(directory: string): Recipes {
  const fileOf = (name: string): string => join(directory, name);
  return {
    recall(name) {
      try {
        const text = readFileSync(fileOf(name), 'utf8');
        const end = text.indexOf('\n');
        const { format: _, sha256, ...head } = Head.parse(JSON.parse(text.slice(0, end)));
        const listing = text.slice(end + 1);
        return sha256Of(listing) === sha256 ? { ...head, listing } : undefined;
      } catch {
        return undefined;
      }
    },
    keep(name, { listing, ...rest }) {
      const temps = openTemps(join(directory, 'tmp'));
      try {
        temps.write(fileOf(name), `${JSON.stringify({ format: 1, sha256: sha256Of(listing), ...rest })}\n${listing}`);
      } catch {
        // It is worked out again.
      }
    },
  };
}
