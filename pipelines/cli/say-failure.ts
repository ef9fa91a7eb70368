import type { Failure } from '#engine';
import type { Around } from './around.ts';
import { failureLines } from './render/format-failure.ts';
import { safeText } from './safe-text.ts';
import { secretsIn } from './secrets.ts';

/** A failure before or outside a run, in words, on stderr. */
export function sayFailure({ environment, stderr }: Pick<Around, 'environment' | 'stderr'>, failure: Failure): void {
  const safe = safeText(secretsIn(environment));
  const [first, ...others] = failureLines(failure).map(safe);
  stderr.write(`${[`error: ${first}`, ...others].join('\n')}\n`);
}
