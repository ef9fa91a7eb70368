import type { Event } from '#engine';
import type { Moment } from './chronicle.ts';

/** Lines of a step's output that are kept until it is known whether they matter. */
const lastLines = 40;
const longestLine = 2000;
const mostNotes = 1000;

/** The moments of one run, as they are heard. */
export interface Minutes {
  hear(event: Event): void;
  /** All that was heard, in order. */
  readonly moments: () => readonly Moment[];
}

/**
 * Takes a run down from this moment on. Progress is left out: it is much, and says nothing afterwards. What a step printed is
 * kept when it did not come to its end: its last lines.
 */
export function takeDown(now: () => number = () => performance.now()): Minutes {
  const began = now();
  const heard: Heard[] = [];
  const printed = new Map<number, Heard[]>();
  let count = 0;
  let notes = 0;
  const print = (step: number, line: Heard): void => {
    const lines = printed.get(step) ?? [];
    if (lines.push(line) > lastLines) lines.shift();
    printed.set(step, lines);
  };
  return {
    hear(event) {
      if (event.type === 'step.progress') return;
      const at_ms = Math.round((now() - began) * 100) / 100;
      const place = count++;
      if (event.type === 'step.output')
        return print(event.step, { place, moment: { at_ms, ...event, line: event.line.slice(0, longestLine) } });
      if (event.type === 'step.finished' && (event.outcome === 'built' || event.outcome === 'cached'))
        printed.delete(event.step);
      if (event.type !== 'note' || notes++ < mostNotes) heard.push({ place, moment: { at_ms, ...event } });
    },
    moments: () =>
      [...heard, ...[...printed.values()].flat()].toSorted((a, b) => a.place - b.place).map(({ moment }) => moment),
  };
}

/** A moment, and how many came before it: many come within what a clock can tell apart. */
interface Heard {
  readonly place: number;
  readonly moment: Moment;
}
