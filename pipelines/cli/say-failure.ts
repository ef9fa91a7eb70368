import type { Failure } from '#engine';
import { type Around, saysYes } from './around.ts';
import { annotation } from './render/annotation.ts';
import { failureLines } from './render/format-failure.ts';
import { safeText } from './safe-text.ts';
import { secretsIn } from './secrets.ts';

/** What else a process needs to end with a failure: nothing of the engine but this is loaded for it. */
export { exitCodeOf, Stopped, toFailure } from '#engine';

/** A failure before or outside a run, in words, on stderr: for GitHub Actions as an annotation, which the runner prints there as well. */
export function sayFailure({ environment, stderr }: Pick<Around, 'environment' | 'stderr'>, failure: Failure): void {
  const safe = safeText(secretsIn(environment));
  const lines = failureLines(failure).map(safe);
  const [first, ...others] = lines;
  const isGithub = saysYes(environment['GITHUB_ACTIONS']);
  stderr.write(isGithub ? annotation('error', 'pipeline', lines) : `${[`error: ${first}`, ...others].join('\n')}\n`);
}
