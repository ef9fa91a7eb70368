import { Failed } from '#engine';

/** Bytes of JSON that are read at most. */
export const mostJsonBytes = 10_000_000;
const mostDepth = 64;

/**
 * Reads JSON from outside; `undefined` means that it is none. `what` names it in the failure:
 * Failed (refused) when it is too long, nested too deeply, or reaches for a prototype.
 */
export function parseJson(text: string, what: string): unknown {
  if (Buffer.byteLength(text) > mostJsonBytes) throw tooLong(what);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The engine's message quotes the text, which may hold anything.
    return undefined;
  }
  assertHarmless(value, what, 0);
  return value;
}

/** JSON that does not end within 10 MB. */
export const tooLong = (what: string): Failed => refused(what, `it is longer than ${mostJsonBytes} bytes`);

function assertHarmless(value: unknown, what: string, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth >= mostDepth) throw refused(what, `it is nested deeper than ${mostDepth} levels`);
  if (Object.hasOwn(value, '__proto__')) throw refused(what, 'it has a field named __proto__');
  for (const field of Object.values(value)) assertHarmless(field, what, depth + 1);
}

const refused = (what: string, because: string): Failed => new Failed({ kind: 'refused', what, because });
