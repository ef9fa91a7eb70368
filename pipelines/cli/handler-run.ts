import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { type Emit, Failed, Stopped, toFailure } from '#engine';
import { fetchOutput, knownClasses } from '../../tasks/tools/comfy/client.ts';
import { convert, running } from '../../tasks/tools/comfy/convert.ts';
import { executeGraph } from '../../tasks/tools/comfy/execute.ts';
import type { Graph } from '../../tasks/tools/comfy/graph.ts';
import type { Message } from '../../tasks/tools/comfy/messages.ts';
import { outputsIn } from '../../tasks/tools/comfy/outputs.ts';
import { type Executed, failureIn } from '../../tasks/tools/comfy/record.ts';
import type { Server } from '../../tasks/tools/comfy/server.ts';
import type { Around } from './around.ts';
import type { Delivery, Made } from './handler-deliver.ts';
import { bringImages, dropImages } from './handler-images.ts';
import type { Job } from './handler-jobs.ts';
import { boundTo, type Session } from './handler-session.ts';
import { nodeKey, type Telling, tellRun, type ToldStep } from './handler-telling.ts';
import type { Settings } from './settings.ts';

/** What workflows are run with. */
export interface Handling {
  readonly around: Around;
  readonly settings: Settings;
  readonly session: Session;
  readonly delivery: Delivery;
  readonly emit: Emit;
  /** Hears what the server prints. */
  readonly onLine: (line: string) => void;
  /** How long a workflow may take, in seconds. */
  readonly timeout: number | undefined;
}

/** How a workflow ended: what it made, or why not. */
export type Handled =
  | { readonly exitCode: 0; readonly result: object }
  | { readonly exitCode: number; readonly failure: ReturnType<typeof toFailure> };

/** Runs one workflow to its end, and tells it. Never rejects with a failure: it is in the answer. */
export async function handleJob(job: Job, handling: Handling): Promise<Handled> {
  const { session, around, emit, delivery, onLine } = handling;
  const telling = tellRun(emit, { pipeline: 'execute', subject: job.file }, stepsOf(job, session.isStopped));
  let server: Server | undefined;
  let lines: readonly string[] = [];
  using scratch = openScratch(delivery.near ?? tmpdir());
  try {
    telling.at('start');
    server = await session.server((line) => (telling.line(line), onLine(line)));
    const result = await onServer(job, server, { ...handling, telling, scratch, onTrace: (trace) => (lines = trace) });
    telling.end();
    return { exitCode: 0, result };
  } catch (thrown) {
    const reason: unknown = around.signal.reason;
    const failure = toFailure(around.signal.aborted ? reason : await causeOf(thrown, server));
    if (failure.kind === 'cancelled')
      return { exitCode: telling.end({ stopped: reason instanceof Stopped ? reason.exitCode : 130 }), failure };
    return { exitCode: telling.end({ failure, lines }), failure };
  }
}

/** The steps that a run of the job tells: our own, and the nodes between them. */
function stepsOf({ file, workflow }: Job, isStopped: boolean): readonly ToldStep[] {
  const nodes =
    workflow.format === 'api'
      ? Object.entries(workflow.graph).map(([id, node]) => ({ id, type: node.class_type, title: node['_meta']?.title }))
      : running(workflow.drawing);
  return [
    ...(isStopped ? [{ key: 'start', task: 'start-server', title: 'ComfyUI' }] : []),
    { key: 'queue', task: 'queue-workflow', title: file },
    ...nodes.map(({ id, type, title }) => ({
      key: nodeKey(id),
      task: type,
      title: title === undefined || title === type ? nodeKey(id) : `${nodeKey(id)}: ${title}`,
    })),
    { key: 'collect', task: 'collect-outputs', title: file },
  ];
}

/** A directory for files on their way, made when the first one comes and gone when it is disposed of. */
interface Scratch extends Disposable {
  readonly path: () => string;
}

function openScratch(near: string): Scratch {
  let made: string | undefined;
  const make = (): string => {
    mkdirSync(near, { recursive: true });
    return mkdtempSync(join(near, '.run-handler-'));
  };
  return {
    path: () => (made ??= make()),
    [Symbol.dispose]() {
      if (made !== undefined) rmSync(made, { recursive: true, force: true });
    },
  };
}

/** Something on its way through one run. */
interface Running extends Handling {
  readonly telling: Telling;
  readonly scratch: Scratch;
  readonly onTrace: (lines: readonly string[]) => void;
}

async function onServer(job: Job, server: Server, handling: Running): Promise<object> {
  const { around, telling, timeout, onTrace } = handling;
  const subfolder = `pipeline-${randomBytes(6).toString('hex')}`;
  const late = (): Failed => tooLate(job.file, timeout!);
  using bounds = boundTo(server, { signal: around.signal, ms: timeout && timeout * 1000, late });
  const { signal } = bounds;
  try {
    telling.at('queue');
    const { graph, extra } = await graphOf(job, server, signal);
    const images = {
      ...handling,
      cwd: around.cwd,
      origin: server.origin,
      signal,
      subfolder,
      file: job.file,
      scratch: handling.scratch.path,
    };
    const brought = job.images.length === 0 ? graph : await bringImages(graph, job.images, images);
    const hear = (message: Message): void => tell(message, telling);
    // Until a node is named, what the server does is to take the workflow in.
    const what = { graph: brought, file: job.file, extra };
    const { prompt, record } = await executeGraph(server.origin, what, { signal, hear });
    const failed = failureIn(record, job.file);
    if (failed !== undefined) {
      onTrace(failed.traceback);
      throw new Failed(failed.failure);
    }
    telling.at('collect');
    const made = await collect(record, job.file, { ...handling, origin: server.origin, signal });
    return { workflow: job.file, prompt_id: prompt, outputs: await handling.delivery.deliver(made, telling.retried) };
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    if (job.images.length > 0) dropImages(dirname(server.main), subfolder);
  }
}

/** The workflow in API format. What the editor saved goes along, for nodes that keep it in what they make. */
async function graphOf(
  { workflow, file }: Job,
  { origin }: Server,
  signal: AbortSignal,
): Promise<{ readonly graph: Graph; readonly extra?: object }> {
  if (workflow.format === 'api') return { graph: workflow.graph };
  const { drawing } = workflow;
  const types = running(drawing).map(({ type }) => type);
  const classes = await knownClasses(origin, types, { signal });
  return { graph: convert(drawing, classes, file), extra: { extra_pnginfo: { workflow: drawing } } };
}

function tell(message: Message, telling: Telling): void {
  switch (message.type) {
    case 'cached':
      return telling.cached(message.nodes.map(nodeKey));
    case 'executing':
      return telling.at(nodeKey(message.node));
    case 'progress':
      return telling.progress(nodeKey(message.node), message.done, message.total);
    case 'ended':
  }
}

/** Everything the workflow made, as files of this machine. Throws Failed (workflow) when that is nothing. */
async function collect(
  record: Executed,
  file: string,
  { origin, signal, telling, scratch }: Running & { readonly origin: string; readonly signal: AbortSignal },
): Promise<readonly Made[]> {
  const outputs = outputsIn(record);
  if (outputs.length === 0) {
    const hint = 'give it a node that keeps what it makes, such as SaveImage';
    throw new Failed({ kind: 'workflow', workflow: file, problem: 'It made nothing', nodes: [], hint });
  }
  const made: Made[] = [];
  for (const [index, output] of outputs.entries()) {
    const path = join(scratch.path(), String(index));
    const { size, type = 'application/octet-stream' } = await fetchOutput(origin, output, { signal, to: path });
    telling.fetched(size);
    const where = 'text' in output ? { subfolder: '', folder: 'text' } : output;
    const { subfolder, folder } = where;
    made.push({ node: output.node, name: output.name, subfolder, folder, type, size, path });
  }
  return made;
}

const tooLate = (workflow: string, seconds: number): Failed =>
  new Failed({
    kind: 'workflow',
    workflow,
    problem: `It did not end within ${seconds} s`,
    nodes: [],
    hint: 'give it more time with --timeout',
  });

/** How long a server whose connections break may take to be known as ended, in milliseconds. */
const endingMs = 1_000;

/** A connection may break a moment before it is known that the server has ended, which is the better thing to say. */
async function causeOf(thrown: unknown, server: Server | undefined): Promise<unknown> {
  const failure = toFailure(thrown);
  if (server === undefined || failure.kind !== 'network' || !failure.url.startsWith(server.origin)) return thrown;
  const { died } = await import('../../tasks/tools/comfy/ready.ts');
  const exitCode = await Promise.race([server.ended, sleep(endingMs, undefined, { ref: false })]);
  return exitCode === undefined ? thrown : died(server, exitCode, 'it ended while it was at work: see what it said');
}
