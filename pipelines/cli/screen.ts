import type { Emit } from '#engine';
import { type Around, saysYes } from './around.ts';
import { chooseRenderer, openRenderer } from './renderer.ts';
import { secretsIn } from './secrets.ts';

/** Chooses how a run is shown: for a terminal, a log, a program, or GitHub Actions. */
export async function openScreen(
  around: Pick<Around, 'environment' | 'stdout'>,
  { json = false }: { readonly json?: boolean },
): Promise<Emit> {
  const { environment, stdout: stream } = around;
  const isTerminal = stream.isTTY && stream.columns > 0 && environment['TERM'] !== 'dumb';
  const name = chooseRenderer({
    json,
    ci: saysYes(environment['CI']),
    github: saysYes(environment['GITHUB_ACTIONS']),
    isTerminal,
  });
  // Empty, it says nothing: https://no-color.org
  const colour = isTerminal && !environment['NO_COLOR'];
  return openRenderer(name, { stream, colour, secrets: secretsIn(environment) });
}
