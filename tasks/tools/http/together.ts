import { describe, type Failure } from '#engine';

/**
 * The failure of a download of which every source failed: the last one that may pass by itself, else the last,
 * with all the others in its message. `failures` is not empty.
 */
export function together(failures: readonly Failure[]): Failure {
  const chosen = failures.findLast((failure) => failure.kind === 'network' && failure.transient) ?? failures.at(-1)!;
  const others = failures.filter((failure) => failure !== chosen).map((failure) => describe(failure).message);
  if (failures.some(({ kind }) => kind === 'offline')) return { kind: 'offline', missing: failures.flatMap(missing) };
  const more = others.map((message) => `\n  also: ${message}`).join('');
  if (chosen.kind === 'network') return { ...chosen, problem: chosen.problem + more };
  if (chosen.kind === 'integrity') return { ...chosen, actual: chosen.actual + more };
  if (chosen.kind === 'refused') return { ...chosen, because: chosen.because + more };
  if (chosen.kind === 'absent')
    return { ...chosen, what: others.map((message) => `${message}\n`).join('') + chosen.what };
  return chosen;
}

const missing = (failure: Failure): readonly string[] =>
  failure.kind === 'offline' ? failure.missing : [describe(failure).message];
