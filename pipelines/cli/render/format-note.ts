import type { Event } from '#engine';

/** The word a note is announced with. */
export const noteWord = ({ level }: Extract<Event, { type: 'note' }>): string =>
  level === 'warning' ? 'warning' : 'note';

/** A note's lines, the first naming the step it is about. */
export function noteLines(note: Extract<Event, { type: 'note' }>, title: string | undefined): readonly string[] {
  const [first = '', ...others] = note.text.split('\n');
  return [title === undefined ? first : `${title}: ${first}`, ...others];
}
