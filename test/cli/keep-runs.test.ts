import { mkdtempDisposableSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { openRuns } from '#cache';
import type { Event } from '#engine';
import { parseChronicle, subjectOf } from '../../pipelines/cli/chronicle.ts';
import { keepRuns } from '../../pipelines/cli/keep-runs.ts';
import type { Project } from '../../pipelines/cli/open-project.ts';
import { refuseOther } from '../../pipelines/cli/refuse-other.ts';
import { failure, play, success } from './runs.ts';

const secret = 'hf_secretABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** A project as far as keeping its runs goes. */
function projectIn(directory: string): Project {
  const settings = {
    root: directory,
    cache: directory,
    models: directory,
    environment: { MY_TOKEN: secret },
    offline: false,
    keepGoing: false,
    verify: false,
    installer: 'pipeline',
    linkMode: 'auto',
    limits: { network: 8, cpu: 2, disk: 4 },
  } as const;
  return { version: { id: 'demo' }, paths: { target: '/t', cache: directory }, settings } as unknown as Project;
}

test('each run is kept as it was told, after what was said before it began, and the screen hears all of it', async () => {
  using room = mkdtempDisposableSync(join(tmpdir(), 'keep-'));
  const shown: Event[] = [];
  const around = { cwd: room.path, environment: {} };
  const emit = await keepRuns((event) => shown.push(event), around, projectIn(room.path), {});
  emit({ type: 'note', level: 'warning', text: 'the lockfile is old' });
  play(success, emit);
  play(failure, emit);
  expect(shown).toEqual([
    { type: 'note', level: 'warning', text: 'the lockfile is old' },
    ...success.map(([, event]) => event),
    ...failure.map(([, event]) => event),
  ]);
  const kept = openRuns(join(room.path, 'runs')).of(subjectOf({ id: 'demo', target: '/t' }));
  const [first, second] = kept.map(({ read }) => parseChronicle(read())!);
  expect(first!.head).toMatchObject({ format: 1, id: 'demo', target: '/t', limits: { cpu: 2 } });
  expect(first!.moments[0]).toMatchObject({ type: 'note', text: 'the lockfile is old' });
  expect(first!.moments.at(-1)).toMatchObject({ type: 'run.finished', ok: true });
  expect(second!.moments[0]).toMatchObject({ type: 'run.started' });
  expect(second!.moments.at(-1)).toMatchObject({ type: 'run.finished', ok: false });
  expect(second!.moments.filter(({ type }) => type === 'step.output').length).toBeGreaterThan(0);
});

test('no secret is kept, neither in a record nor in a trace', async () => {
  using room = mkdtempDisposableSync(join(tmpdir(), 'keep-'));
  const trace = join(room.path, 'trace.json');
  const emit = await keepRuns(() => {}, { cwd: room.path, environment: {} }, projectIn(room.path), { trace });
  const [, ...rest] = failure;
  const steps = [{ step: 0, task: 'fetch', name: `fetch ${secret}`, title: secret }];
  emit({ type: 'run.started', pipeline: 'realize', subject: 'demo', steps });
  emit({ type: 'note', level: 'info', text: `asked https://user:word@host/?token=x with ${secret}` });
  emit({ type: 'step.output', step: 0, line: `Authorization: ${secret}` });
  play(rest, emit);
  const [kept] = openRuns(join(room.path, 'runs')).of(subjectOf({ id: 'demo', target: '/t' }));
  for (const text of [kept!.read(), readFileSync(trace, 'utf8')]) {
    expect(text).toContain('***');
    expect(text).not.toMatch(/hf_secret|user:word|token=x/);
  }
});

test('a file that is there is replaced when it is empty or one of ours, and refused when it is anything else', () => {
  using room = mkdtempDisposableSync(join(tmpdir(), 'keep-'));
  const kind = { start: '### ', what: 'a report' };
  expect(() => refuseOther(join(room.path, 'none'), kind)).not.toThrow();
  expect(() => refuseOther(room.path, kind)).toThrow('it is not a report');
  expect(() => refuseOther('/dev/null', kind)).toThrow('it is not a report');
});
