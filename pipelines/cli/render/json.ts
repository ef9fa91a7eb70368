import type { Emit } from '#engine';

/** One event per line. The vocabulary is the engine's; this renderer adds nothing. */
export const json =
  (write: (text: string) => void): Emit =>
  (event) =>
    write(`${JSON.stringify(event)}\n`);
