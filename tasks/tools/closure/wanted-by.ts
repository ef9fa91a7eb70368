import type { Card } from './card.ts';
import type { Root } from './root.ts';

/** Package -> the lines and the packages that ask for it, each once, sorted. Only what follows from the roots counts. */
export function wantedBy(
  roots: readonly Root[],
  cards: ReadonlyMap<string, Card>,
): ReadonlyMap<string, readonly string[]> {
  const askers = new Map<string, Set<string>>();
  const seen = new Set<string>();
  const open: { readonly name: string; readonly extras: readonly string[]; readonly by: string }[] = roots.map(
    ({ wish, where }) => ({ name: wish.name, extras: wish.extras, by: where }),
  );
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { name, extras, by } = next;
    askers.set(name, (askers.get(name) ?? new Set()).add(by));
    // Each extra adds to what a package asks for; with none of them it asks for the rest.
    for (const extra of ['', ...extras]) {
      if (seen.has(`${name}[${extra}]`)) continue;
      seen.add(`${name}[${extra}]`);
      for (const { wish, onlyFor = '' } of cards.get(name)?.needs ?? [])
        if (onlyFor === extra) open.push({ name: wish.name, extras: wish.extras, by: name });
    }
  }
  return new Map([...askers].map(([name, by]) => [name, [...by].toSorted()]));
}
