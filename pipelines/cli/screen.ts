import type { Emit, Failure } from '#engine';
import { type Around, saysYes } from './around.ts';
import { failureLines } from './render/format-failure.ts';
import { chooseRenderer, openRenderer } from './renderer.ts';
import { safeText } from './safe-text.ts';
import { secretsIn } from './secrets.ts';

/** Chooses how a run is shown: for a terminal, a log, a program, or GitHub Actions. */
export async function openScreen(around: Around, { json = false }: { readonly json?: boolean }): Promise<Emit> {
  const { environment, stdout: stream } = around;
  const isTerminal = stream.isTTY && stream.columns > 0 && environment['TERM'] !== 'dumb';
  const name = chooseRenderer({
    json,
    ci: saysYes(environment['CI']),
    github: saysYes(environment['GITHUB_ACTIONS']),
    isTerminal,
  });
  const colour = isTerminal && environment['NO_COLOR'] === undefined;
  return openRenderer(name, { stream, colour, secrets: secretsIn(environment) });
}

/** A failure before or outside a run, in words, on stderr. */
export function sayFailure({ environment, stderr }: Pick<Around, 'environment' | 'stderr'>, failure: Failure): void {
  const safe = safeText(secretsIn(environment));
  const [first, ...others] = failureLines(failure).map(safe);
  stderr.write(`${[`error: ${first}`, ...others].join('\n')}\n`);
}
