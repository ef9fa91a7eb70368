import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';

import { Failed } from '#engine';

import { type Asking, askFile, askJson } from './ask.ts';
import { formOf } from './form.ts';
import type { Graph } from './graph.ts';
import { type NodeClass, readNodeClass } from './node-class.ts';
import type { Output } from './outputs.ts';
import { Executed, refusalIn } from './record.ts';

/** Between two looks at the history, in milliseconds: while nothing is heard of an end, and then. */
const [usualMs, soonMs] = [2_000, 50];
/** How many classes are asked about at once. */
const atOnce = 8;

const Queued = z.looseObject({ prompt_id: z.string() });
const Uploaded = z.looseObject({ name: z.string(), subfolder: z._default(z.string(), '') });

/** Queues a workflow for `client` and answers the prompt's id. Throws Failed (workflow) when the server refuses any of it. */
export async function queuePrompt(
  origin: string,
  { graph, client, file, extra }: QueuedGraph,
  asking: Asking,
): Promise<string> {
  const body = { prompt: graph, client_id: client, ...(extra === undefined ? {} : { extra_data: extra }) };
  const answer = await askJson(origin, { path: '/prompt', body }, asking);
  const { prompt_id: id } = Queued.safeParse(answer.body).data ?? {};
  const refusal = refusalIn(answer, file);
  // What is left of it runs already.
  if (refusal !== undefined && id !== undefined) await cancelPrompt(origin, id, asking);
  if (refusal !== undefined) throw new Failed(refusal);
  if (id === undefined) throw unreadable(origin, '/prompt');
  return id;
}

/** A workflow to be queued. `file` names it in failures; `extra` is what nodes may keep beside it. */
export interface QueuedGraph {
  readonly graph: Graph;
  readonly client: string;
  readonly file: string;
  readonly extra?: unknown;
}

/** Takes a prompt back, whether it waits or runs. */
export async function cancelPrompt(origin: string, id: string, asking: Asking): Promise<void> {
  await askJson(origin, { path: '/queue', body: { delete: [id] } }, asking);
  await askJson(origin, { path: '/interrupt', body: { prompt_id: id } }, asking);
}

/**
 * The record of a prompt, as soon as it has ended. `soon` settles when that is said to be near; a message may get lost, so
 * it is looked for now and then without. Rejects as `soon` does.
 */
export async function executedPrompt(
  origin: string,
  id: string,
  { signal, soon }: Asking & { readonly soon: Promise<void> },
): Promise<Executed> {
  let isNear = false;
  const near = soon.then(() => void (isNear = true));
  // Whoever is asked meanwhile may fail of the same thing first.
  near.catch(() => {});
  for (;;) {
    const { body } = await askJson(origin, { path: `/history/${id}` }, { signal });
    const record = (body as Readonly<Record<string, unknown>> | undefined)?.[id];
    if (record !== undefined) return Executed.parse(record);
    if (isNear) await sleep(soonMs, undefined, { signal });
    else await Promise.race([near, sleep(usualMs, undefined, { ref: false })]);
  }
}

/** What the server knows of these classes of nodes; those it does not know are left out. */
export async function knownClasses(
  origin: string,
  names: readonly string[],
  asking: Asking,
): Promise<ReadonlyMap<string, NodeClass>> {
  const classes = new Map<string, NodeClass>();
  const waiting = [...new Set(names)];
  const askOn = async (): Promise<void> => {
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      const { body } = await askJson(origin, { path: `/object_info/${encodeURIComponent(name)}` }, asking);
      const known = readNodeClass(body, name);
      if (known !== undefined) classes.set(name, known);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, askOn));
  return classes;
}

/** Puts a picture into the server's input directory, and answers what workflows call it there. */
export async function uploadImage(
  origin: string,
  { name, subfolder, bytes }: { readonly name: string; readonly subfolder: string; readonly bytes: Buffer },
  asking: Asking,
): Promise<string> {
  const form = formOf({ field: 'image', name, bytes }, { type: 'input', subfolder });
  const { status, body } = await askJson(origin, { path: '/upload/image', ...form }, asking);
  const uploaded = Uploaded.safeParse(body).data;
  if (status === 413) throw new Failed({ kind: 'refused', what: name, because: 'it is larger than the server takes' });
  if (status !== 200 || uploaded === undefined) throw unreadable(origin, '/upload/image', status);
  return [uploaded.subfolder, uploaded.name].filter(Boolean).join('/');
}

/** Writes an output to the file `to` (absent). Answers its size in bytes and its media type. */
export async function fetchOutput(
  origin: string,
  output: Output,
  { signal, to }: Asking & { readonly to: string },
): Promise<{ readonly size: number; readonly type: string | undefined }> {
  if ('text' in output) {
    writeFileSync(to, output.text, { flag: 'wx' });
    return { size: Buffer.byteLength(output.text), type: 'text/plain' };
  }
  const { name: filename, subfolder, folder: type } = output;
  return askFile(origin, { path: '/view', query: { filename, subfolder, type } }, { signal, to });
}

function unreadable(origin: string, path: string, status?: number): Failed {
  const problem = status === undefined ? 'The answer cannot be read' : `The server answered ${status}`;
  return new Failed({ kind: 'network', url: `${origin}${path}`, problem, transient: false });
}
