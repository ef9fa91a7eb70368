/** The last lines that steps printed: what a person wants to see of a step that failed. */
export interface LastLines {
  add(step: number, line: string): void;
  /** The lines of a step, which are then forgotten. */
  take(step: number): readonly string[];
}

/** Keeps at most `limit` lines of each step. */
export function lastLines(limit: number): LastLines {
  const kept = new Map<number, string[]>();
  return {
    add(step, line) {
      const lines = kept.get(step) ?? [];
      if (lines.push(line) > limit) lines.shift();
      kept.set(step, lines);
    },
    take(step) {
      const lines = kept.get(step) ?? [];
      kept.delete(step);
      return lines;
    },
  };
}
