import type { Recent } from '#cache';
import type { Emit, Event, Ran } from '#engine';

/** Listens to a run so that the next one can read ahead, and `pipeline why` can tell what happened. */
export function recordRun(emit: Emit): { readonly emit: Emit; readonly remember: (recent: Recent) => void } {
  const keys = new Map<string, string>();
  const names = new Map<number, string>();
  const reasons = new Map<string, unknown>();
  const note = (event: Event): void => {
    if (event.type === 'run.started') for (const { step, name } of event.steps) names.set(step, name);
    if (event.type === 'step.started') reasons.set(names.get(event.step)!, event.reason);
    if (event.type === 'step.finished' && event.key !== undefined) keys.set(event.name, event.key);
  };
  return {
    emit(event) {
      note(event);
      emit(event);
    },
    remember: (recent) => recent.remember(keys, reasons),
  };
}

/** Ends a run for everybody who listens. Answers the exit code. */
export function finishRun(emit: Emit, { summary }: Ran<unknown>, result?: unknown): number {
  emit({ type: 'run.finished', ...summary, ...(result === undefined ? {} : { result }) });
  return summary.exit_code;
}
