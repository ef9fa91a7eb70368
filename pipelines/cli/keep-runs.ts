import { join } from 'node:path';

import { openRuns } from '#cache';
import { describe, type Emit, type Event, toFailure } from '#engine';
import type { Around } from './around.ts';
import { type Chronicle, headOf, type Moment, renderChronicle, subjectOf } from './chronicle.ts';
import type { Project } from './open-project.ts';
import { release } from './release.ts';
import { safeEvent } from './safe-text.ts';
import { secretsIn } from './secrets.ts';
import { takeDown } from './take-down.ts';

/**
 * Shows runs of a version as `screen` does, and keeps each, once it has ended, for `pipeline report`. What cannot be kept is a
 * warning. `trace` is a file for Chrome's trace of them all: one that cannot be written fails before anything runs.
 * In GitHub Actions each is summed up below the job.
 */
export async function keepRuns(
  screen: Emit,
  around: Pick<Around, 'cwd' | 'environment'>,
  { version, paths, settings }: Pick<Project, 'version' | 'paths' | 'settings'>,
  { trace }: { readonly trace?: string },
): Promise<Emit> {
  const whose = { id: version.id, target: paths.target };
  const runs = openRuns(join(settings.cache, 'runs'));
  const write = trace === undefined ? undefined : (await import('./write-trace.ts')).openTrace(around, trace);
  // The caller's variable: a version that somebody else wrote names no files of this machine.
  const summary = around.environment['GITHUB_STEP_SUMMARY'];
  const summarize = summary ? (await import('./job-summary.ts')).openJobSummary(summary) : undefined;
  const facts = { settings, release: release() };
  const safe = safeEvent(secretsIn(settings.environment));
  let head = headOf(whose, facts);
  let minutes = takeDown();
  const attempt = (what: string, work: () => void): void => {
    try {
      work();
    } catch (error) {
      screen({ type: 'note', level: 'warning', text: `${what}: ${describe(toFailure(error)).message}` });
    }
  };
  const keep = (event: Event): void => {
    minutes.hear(event);
    const chronicle: Chronicle = { head, moments: minutes.moments().map((moment) => safe(moment) as Moment) };
    attempt('This run is not kept for `pipeline report`', () =>
      runs.keep(subjectOf(whose), renderChronicle(chronicle)),
    );
    attempt('The trace is not written', () => write?.(chronicle));
    attempt('The job summary is not written', () => summarize?.(chronicle));
    head = headOf(whose, facts);
    minutes = takeDown();
  };
  return (event) => {
    // Before it is shown: nothing comes after the last event of a run.
    if (event.type === 'run.finished') keep(event);
    else minutes.hear(event);
    screen(event);
  };
}
