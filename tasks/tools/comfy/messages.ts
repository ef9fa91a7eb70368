import { setTimeout as sleep } from 'node:timers/promises';

import * as z from 'zod/mini';

import { Failed } from '#engine';

/** What a server tells while it executes a prompt, as far as it is followed here. */
export type Message =
  /** These nodes need not run: their results are there from before. */
  | { readonly type: 'cached'; readonly nodes: readonly string[] }
  /** The prompt has come to this node. */
  | { readonly type: 'executing'; readonly node: string }
  | { readonly type: 'progress'; readonly node: string; readonly done: number; readonly total: number }
  /** The prompt has come to its end, well or not. */
  | { readonly type: 'ended' };

/** The messages of one client's prompts. */
export interface Listening extends Disposable {
  /** Settles when nothing more will be heard. Never rejects. */
  readonly closed: Promise<void>;
}

const Name = z.pipe(z.union([z.string(), z.number()]), z.transform(String));
const Spoken = z.looseObject({ type: z.string(), data: z.looseObject({ prompt_id: z.string() }) });
const Cached = z.looseObject({ nodes: z.array(Name) });
const Executing = z.looseObject({ node: z.nullable(Name), display_node: z.nullish(Name) });
const Progress = z.looseObject({ node: z.nullish(Name), value: z.number(), max: z.number() });

/** How long a server may take to greet whoever begins to listen, in milliseconds. One that does not greet is not waited for. */
const greetingMs = 1_000;

/** Listens as `client` from now on; `hear` is given what concerns its prompts. Throws Failed (network). */
export async function listen(origin: string, client: string, hear: (message: Message) => void): Promise<Listening> {
  const url = new URL(`/ws?clientId=${client}`, origin.replace(/^http/, 'ws'));
  const socket = new WebSocket(url);
  // Pictures are sent along, to be looked at while it goes on: they come as bytes, which nobody reads.
  socket.binaryType = 'arraybuffer';
  const { promise: opened, resolve, reject } = Promise.withResolvers<void>();
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  const { promise: greeted, resolve: greet } = Promise.withResolvers<void>();
  socket.addEventListener('open', () => resolve());
  socket.addEventListener('close', () => {
    reject(new Failed({ kind: 'network', url: url.origin, problem: 'It takes no WebSocket', transient: false }));
    close();
  });
  // A close follows every error.
  socket.addEventListener('error', () => {});
  socket.addEventListener('message', ({ data }) => {
    greet();
    const spoken = typeof data === 'string' ? Spoken.safeParse(JSON.parse(data)).data : undefined;
    const message = spoken === undefined ? undefined : messageOf(spoken.type, spoken.data);
    if (message !== undefined) hear(message);
  });
  await opened;
  // Until it greets, a server may not have this client among those it tells.
  await Promise.race([greeted, closed, sleep(greetingMs, undefined, { ref: false })]);
  return { closed, [Symbol.dispose]: () => socket.close() };
}

function messageOf(type: string, data: unknown): Message | undefined {
  switch (type) {
    case 'execution_cached': {
      const nodes = Cached.safeParse(data).data?.nodes;
      return nodes && { type: 'cached', nodes };
    }
    case 'executing': {
      const said = Executing.safeParse(data).data;
      if (said === undefined) return undefined;
      return said.node === null ? { type: 'ended' } : { type: 'executing', node: said.display_node ?? said.node };
    }
    case 'progress': {
      const said = Progress.safeParse(data).data;
      if (said === undefined || said.node === null || said.node === undefined) return undefined;
      return { type: 'progress', node: said.node, done: said.value, total: said.max };
    }
    case 'execution_success':
    case 'execution_error':
    case 'execution_interrupted':
      return { type: 'ended' };
    default:
      return undefined;
  }
}
