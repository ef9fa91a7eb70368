import type { Answer } from '../results.ts';
import { wordsOf } from './words.ts';

/** Follows names: from texts to the answers about what they name, to what those answers name, and so on. */
export interface Marker {
  /** Every name that can be reached from the texts. */
  readonly from: (texts: Iterable<string>) => ReadonlySet<string>;
}

/**
 * Marks as a conservative collector does: a text that holds the name of something needs it, whatever the text is about. So
 * nobody has to know how a lockfile of another release, platform or project becomes a plan to be sure that nothing it leads
 * to is taken: a question that holds a needed name is needed, with all that its answer names.
 */
export function openMarker(answers: Iterable<Answer>): Marker {
  const about = new Map<string, Answer[]>();
  for (const answer of answers)
    for (const name of new Set([answer.key, ...wordsOf(JSON.stringify(answer.input ?? null))])) {
      const known = about.get(name);
      if (known === undefined) about.set(name, [answer]);
      else known.push(answer);
    }
  return {
    from(texts) {
      const reached = new Set<string>();
      const open: string[] = [];
      const reach = (names: Iterable<string>): void => {
        for (const name of names) {
          if (reached.has(name)) continue;
          reached.add(name);
          open.push(name);
        }
      };
      for (const text of texts) reach(wordsOf(text));
      for (let name = open.pop(); name !== undefined; name = open.pop())
        for (const { key, output } of about.get(name) ?? []) reach([key, ...wordsOf(JSON.stringify(output ?? null))]);
      return reached;
    },
  };
}
