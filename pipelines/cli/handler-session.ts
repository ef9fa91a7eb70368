import { died } from '../../tasks/tools/comfy/ready.ts';
import type { Launch, Server } from '../../tasks/tools/comfy/server.ts';
import { startOnFreePort } from '../../tasks/tools/comfy/start.ts';

/** A server for one workflow after another: started when the first one needs it, and again when it has ended. */
export interface Session extends AsyncDisposable {
  /** Whether it has to be started before anything else. */
  readonly isStopped: boolean;
  /** The server, ready. `hear` is given its lines until the next workflow asks. Throws Failed as starting it does. */
  server(hear: (line: string) => void): Promise<Server>;
}

/** A server may have a gigabyte of libraries to load before it says a word. */
const usualMs = 600_000;

/** Opens a session. `startMs` is how long the server may take to be ready. */
export function openSession(
  launch: Pick<Launch, 'python' | 'main' | 'environment' | 'args'>,
  { signal, startMs = usualMs }: { readonly signal: AbortSignal; readonly startMs?: number },
): Session {
  let running: Server | undefined;
  let listener: ((line: string) => void) | undefined;
  return {
    get isStopped() {
      return running === undefined;
    },
    async server(hear) {
      listener = hear;
      if (running !== undefined) return running;
      const server = await startOnFreePort(
        { ...launch, onLine: (line) => listener?.(line) },
        { signal, withinMs: startMs },
      );
      running = server;
      void server.ended.then(() => (running = undefined));
      return server;
    },
    async [Symbol.asyncDispose]() {
      await running?.[Symbol.asyncDispose]();
    },
  };
}

/** What ends the work on one workflow before it is done: who runs it, the time it has, the server. */
export interface Bounds extends Disposable {
  /** Aborted with the reason: a Failed, or why the process is to stop. */
  readonly signal: AbortSignal;
}

/** Bounds work by the stop signal, by the life of the server, and by `late` (thrown after `ms`). */
export function boundTo(
  server: Server,
  { signal, ms, late }: { readonly signal: AbortSignal; readonly ms: number | undefined; readonly late: () => Error },
): Bounds {
  const work = new AbortController();
  const stop = (): void => work.abort(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  const timer = ms === undefined ? undefined : setTimeout(() => work.abort(late()), ms);
  const hint = 'it ended while it was at work: see what it said';
  void server.ended.then((exitCode) => work.abort(died(server, exitCode, hint)));
  return {
    signal: work.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    },
  };
}
