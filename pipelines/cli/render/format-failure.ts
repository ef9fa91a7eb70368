import { describe, type Failure, type Summary } from '#engine';

/** Frames of a bug's stack that are shown. */
const shownFrames = 12;

/**
 * A failure as a person reads it: what failed, where a bug is, the last lines a child printed, and the hint on a line of
 * its own. `output` is what the step printed, for failures that carry none.
 */
export function failureLines(failure: Failure, output: readonly string[] = []): readonly string[] {
  const { message, hint } = describe(failure);
  const frames = failure.kind === 'bug' ? failure.stack.split('\n').filter((line) => /^\s+at /.test(line)) : [];
  const carried = failure.kind === 'command' && failure.output.length > 0;
  return [
    ...message.split('\n'),
    ...frames.slice(0, shownFrames).map((frame) => `  ${frame.trim()}`),
    ...(carried ? [] : output.map((line) => `  ${line}`)),
    ...(hint === undefined ? [] : [`hint: ${hint}`]),
  ];
}

/** Everything that a run could not have without the network: one failure, however many steps it stopped. */
export const missingLines = ({ missing }: Summary): readonly string[] =>
  missing === undefined ? [] : failureLines({ kind: 'offline', missing });

/** A failure in half a line, for where its place is known: `server answered 503`. */
export const shortFailure = (failure: Failure): string =>
  failure.kind === 'network' ? failure.problem : describe(failure).message.split('\n', 1)[0]!;
