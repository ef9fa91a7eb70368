import type { Around } from './around.ts';
import { safeText } from './safe-text.ts';
import { secretsIn } from './secrets.ts';

/** What a command found, for people and for programs. */
export interface Told {
  readonly lines: readonly string[];
  readonly document: unknown;
}

/** Writes what a command found to stdout: lines, or one JSON document. Secrets are hidden in every text. */
export function tell(
  { stdout, environment }: Around,
  { lines, document }: Told,
  { json = false }: { readonly json?: boolean },
): void {
  const safe = safeText(secretsIn(environment));
  if (json)
    stdout.write(`${JSON.stringify(document, (_, part: unknown) => (typeof part === 'string' ? safe(part) : part))}\n`);
  else stdout.write(lines.map((line) => `${safe(line)}\n`).join(''));
}
