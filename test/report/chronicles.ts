import type { AnnouncedStep, Event, Failure, Outcome, Resource } from '#engine';
import type { Chronicle, Head, Moment } from '../../pipelines/cli/chronicle.ts';

/** What a document, a log or a server could say to get into the page. */
export const hostile = `</script><img src=x onerror="document.title='taken'">'"\`\${1}--><svg onload=alert(1)>&amp;`;

/** How a run worked, whatever it did. */
export const head: Head = {
  format: 1,
  id: 'wan22-fast',
  target: '/workspace/builds/comfy-wan22-fast',
  at: '2026-03-01T17:05:00.000Z',
  release: '0.1.0',
  runtime: 'v24.21.0',
  platform: 'linux-x64',
  offline: false,
  verify: false,
  installer: 'pipeline',
  link_mode: 'auto',
  limits: { network: 8, cpu: 2, disk: 4 },
};

/** One step of a run that is made up: how long it takes, what it fetches, how it ends. */
interface Draft {
  readonly task: string;
  readonly about: string;
  readonly resource: Resource;
  readonly needs?: readonly number[];
  readonly ms: number;
  readonly bytes?: number;
  readonly cached?: boolean;
  readonly failure?: Failure;
  readonly output?: readonly string[];
  readonly retries?: readonly Failure[];
}

const lineOf = ({ task, about, resource, needs = [] }: Draft, step: number): AnnouncedStep => ({
  step,
  task,
  name: `${task} ${about}`,
  title: about,
  resource,
  ...(needs.length > 0 && { needs }),
});

/** Runs drafts as the engine would: a step begins when what it needs has ended and its resource has a place. */
export function chronicleOf(
  drafts: readonly Draft[],
  { notes = [], id = head.id }: { readonly notes?: readonly string[]; readonly id?: string } = {},
): Chronicle {
  const moments: Moment[] = [];
  const at = (ms: number, event: Event): void => void moments.push({ at_ms: ms, ...event });
  const steps = drafts.map(lineOf);
  at(2, { type: 'run.started', pipeline: 'realize', subject: id, steps });
  notes.forEach((text, n) => at(3 + n, { type: 'note', level: n % 2 === 0 ? 'warning' : 'info', text }));
  const places = { network: Array(8).fill(4), cpu: Array(2).fill(4), disk: Array(4).fill(4) } as Record<
    Resource,
    number[]
  >;
  const ends: number[] = [];
  const outcomes: Outcome[] = [];
  drafts.forEach((draft, step) => {
    const needs = draft.needs ?? [];
    const ready = Math.max(4, ...needs.map((need) => ends[need]!));
    const cause = needs.find((need) => ['failed', 'skipped'].includes(outcomes[need]!.outcome));
    const told = { type: 'step.finished', ...steps[step]!, key: step.toString(16).padStart(64, '0') } as const;
    if (draft.cached || cause !== undefined) {
      const outcome =
        cause === undefined ? ({ outcome: 'cached' } as const) : ({ outcome: 'skipped', because: cause } as const);
      at(ready, { ...told, ms: 0, ...(cause === undefined && { ms_saved: draft.ms }), ...outcome });
      [ends[step], outcomes[step]] = [ready, outcome];
      return;
    }
    const slots = places[draft.resource];
    const slot = slots.indexOf(Math.min(...slots));
    const began = Math.max(ready, slots[slot]!);
    const end = began + draft.ms;
    slots[slot] = end;
    const { task, title } = steps[step]!;
    at(began, {
      type: 'step.started',
      step,
      task,
      title,
      reason: { why: 'new' },
      waited_ms: Math.round(began - ready),
    });
    for (const [n, failure] of (draft.retries ?? []).entries())
      at(began + n, { type: 'step.retried', step, attempt: n + 2, attempts: 5, failure, wait_ms: 1000 });
    for (const line of draft.output ?? []) at(end, { type: 'step.output', step, line });
    const outcome: Outcome = draft.failure ? { outcome: 'failed', failure: draft.failure } : { outcome: 'built' };
    at(end, { ...told, ms: draft.ms, ...(draft.bytes && { bytes_fetched: draft.bytes }), ...outcome });
    [ends[step], outcomes[step]] = [end, outcome];
  });
  const count = (way: Outcome['outcome']): number => outcomes.filter(({ outcome }) => outcome === way).length;
  const ms = Math.max(...ends) - 2;
  at(ms + 2, {
    type: 'run.finished',
    ok: count('failed') === 0,
    built: count('built'),
    cached: count('cached'),
    failed: count('failed'),
    skipped: count('skipped'),
    bytes_fetched: drafts.reduce((sum, { bytes = 0, cached }) => sum + (cached ? 0 : bytes), 0),
    ms,
    ms_saved: drafts.reduce((sum, draft) => sum + (draft.cached ? draft.ms : 0), 0),
    exit_code: count('failed') === 0 ? 0 : 1,
  });
  return { head: { ...head, id }, moments: moments.toSorted((a, b) => a.at_ms - b.at_ms) };
}

/** 217 steps: as many wheels, nodes and models as a large version has, one wheel built from its source. */
export function large(): Chronicle {
  const drafts: Draft[] = [
    { task: 'fetch-core', about: 'ComfyUI @ 707b263', resource: 'network', ms: 5200, bytes: 41_000_000 },
  ];
  const add = (draft: Draft): number => drafts.push(draft) - 1;
  const core = add({ task: 'place-core', about: 'ComfyUI', resource: 'disk', needs: [0], ms: 420 });
  const venv = add({ task: 'build-venv', about: 'Python 3.11.7', resource: 'disk', ms: 1900 });
  const unpacked = Array.from({ length: 72 }, (_, n) => {
    const about = `package_${n}-1.${n}.0-py3-none-any.whl`;
    const cached = n % 5 === 0;
    const wheel = add({
      task: 'fetch-wheel',
      about,
      resource: 'network',
      ms: 180 + ((n * 137) % 1900),
      bytes: 40_000 + n * 91_000,
      cached,
    });
    return add({ task: 'unpack-wheel', about, resource: 'cpu', needs: [wheel], ms: 40 + ((n * 53) % 340), cached });
  });
  const source = add({
    task: 'fetch-source',
    about: 'sageattention 2.2.0',
    resource: 'network',
    ms: 900,
    bytes: 3_000_000,
  });
  const built = add({
    task: 'build-wheel',
    about: 'sageattention 2.2.0',
    resource: 'cpu',
    needs: [source, unpacked[1]!, unpacked[2]!],
    ms: 9000,
  });
  unpacked.push(add({ task: 'unpack-wheel', about: 'sageattention', resource: 'cpu', needs: [built], ms: 120 }));
  const packages = add({
    task: 'install-wheels',
    about: '73 packages',
    resource: 'disk',
    needs: [venv, ...unpacked],
    ms: 1300,
  });
  const swapped = add({ task: 'swap-nodes', about: '22 nodes active', resource: 'disk', ms: 20 });
  const nodes = Array.from({ length: 22 }, (_, n) => {
    const about = `comfyui-node-${n} @ ${(n * 7919).toString(16).padStart(7, '0')}`;
    const fetched = add({
      task: 'fetch-node',
      about,
      resource: 'network',
      ms: 700 + ((n * 311) % 2400),
      bytes: 900_000 * (n + 1),
      cached: n % 3 === 0,
    });
    return add({ task: 'place-node', about, resource: 'disk', needs: [fetched, swapped], ms: 60 + n * 3 });
  });
  const models = Array.from({ length: 16 }, (_, n) =>
    add({
      task: 'fetch-model',
      about: `diffusion_models/wan2.2_part_${n}_fp8.safetensors`,
      resource: 'network',
      ms: 2000 + n * 700,
      bytes: 900_000_000 + n * 1e8,
      cached: n > 5,
    }),
  );
  const linked = add({ task: 'link-models', about: '16 models', resource: 'disk', needs: models, ms: 30 });
  add({ task: 'activate', about: head.id, resource: 'disk', needs: [core, venv, packages, linked, ...nodes], ms: 240 });
  return chronicleOf(drafts, {
    notes: ['files are hardlinked', 'comfyui-node-3 has no release: its branch is pinned instead'],
  });
}

const unavailable: Failure = {
  kind: 'network',
  url: 'https://wheels.example/torch.whl',
  problem: `server answered 503 ${hostile}`,
  transient: true,
  status: 503,
};

/** A run in which much goes wrong, and every text comes from somebody who wants to be more than text. */
export const broken = (): Chronicle =>
  chronicleOf(
    [
      { task: 'fetch-node', about: `alpha ${hostile}`, resource: 'network', ms: 300, bytes: 4096 },
      {
        task: `fetch-${hostile}`,
        about: 'torch.whl',
        resource: 'network',
        ms: 900,
        retries: [unavailable, unavailable],
        failure: unavailable,
      },
      {
        task: 'build-wheel',
        about: hostile,
        resource: 'cpu',
        needs: [0],
        ms: 2400,
        failure: {
          kind: 'command',
          command: `pip wheel ${hostile}`,
          exitCode: 1,
          output: ['error: no compiler', hostile],
          hint: `install ${hostile}`,
        },
      },
      {
        task: 'resolve-wheels',
        about: 'linux-x86_64',
        resource: 'network',
        ms: 50,
        failure: {
          kind: 'conflict',
          what: `numpy ${hostile}`,
          wants: [
            { who: hostile, what: 'numpy<2' },
            { who: 'comfyui-node-2', what: 'numpy>=2.1', through: hostile },
          ],
          hint: 'name it in python.overrides',
        },
      },
      {
        task: 'snapshot-node',
        about: 'mine',
        resource: 'disk',
        ms: 5,
        output: ['looking', hostile],
        failure: { kind: 'bug', message: hostile, stack: `TypeError: ${hostile}\n    at run (${hostile}:7:3)` },
      },
      { task: 'unpack-wheel', about: 'torch', resource: 'cpu', needs: [1, 2], ms: 100 },
      { task: 'place-node', about: 'alpha', resource: 'disk', needs: [0], ms: 20, cached: true },
      { task: 'activate', about: hostile, resource: 'disk', needs: [5, 6], ms: 30 },
    ],
    { notes: [hostile, `a note\nof two lines ${hostile}`] },
  );
