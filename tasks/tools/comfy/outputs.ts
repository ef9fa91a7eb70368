import * as z from 'zod/mini';

import type { Executed } from './record.ts';

/** One thing that a workflow made: a file that the server keeps, or a text that a node showed. */
export type Output =
  | {
      readonly node: string;
      readonly name: string;
      readonly subfolder: string;
      /** Which of the server's directories it is in: `output`, or `temp` when it was only shown. */
      readonly folder: string;
    }
  | { readonly node: string; readonly name: string; readonly text: string };

const Kept = z.looseObject({
  filename: z.string().check(z.minLength(1)),
  subfolder: z.nullish(z.string()),
  type: z.nullish(z.string()),
});

/** Everything that a workflow made, node by node, each thing once. */
export function outputsIn({ outputs }: Executed): readonly Output[] {
  const found = Object.entries(outputs).flatMap(([node, shown]) =>
    Object.entries(shown).flatMap(([kind, entries]) =>
      (Array.isArray(entries) ? (entries as readonly unknown[]) : [entries]).flatMap(
        (entry, index) => outputOf(entry, { node, kind, index }) ?? [],
      ),
    ),
  );
  return [...new Map(found.map((output) => [JSON.stringify(output), output])).values()];
}

function outputOf(
  entry: unknown,
  { node, kind, index }: { readonly node: string; readonly kind: string; readonly index: number },
): Output | undefined {
  if (typeof entry === 'string') {
    const number = index === 0 ? '' : `-${index + 1}`;
    return kind === 'text' ? { node, name: `node-${node}${number}.txt`, text: entry } : undefined;
  }
  const kept = Kept.safeParse(entry).data;
  return kept && { node, name: kept.filename, subfolder: kept.subfolder ?? '', folder: kept.type ?? 'output' };
}
