import { Failed, Stopped } from '#engine';
import { assertFree } from '../../tasks/tools/comfy/port.ts';
import { untilReady } from '../../tasks/tools/comfy/ready.ts';
import { type Server, startServer } from '../../tasks/tools/comfy/server.ts';
import type { Around } from './around.ts';
import { openProject } from './open-project.ts';
import { realizeFirst } from './realize-first.ts';
import { openRenderer } from './renderer.ts';
import { secretsIn } from './secrets.ts';
import { refuseListening, serverOf } from './server-of.ts';
import type { FlagsOf } from './verbs.ts';

const loopback = /^(?:127(?:\.\d+){3}|::1|localhost)$/;

/**
 * `pipeline run-ui <id>`: realizes, then runs ComfyUI with its own output on this screen until it ends. Answers its exit
 * code.
 */
export async function commandRunUi(
  around: Around,
  id: string | undefined,
  flags: FlagsOf<'run-ui'>,
  rest: readonly string[],
): Promise<number> {
  const { host = '127.0.0.1', port = 8188 } = flags;
  refuseListening(rest, `write \`pipeline run-ui ${id ?? ''} --host HOST --port N\``);
  const hosts = host.split(',').map((one) => one.trim());
  // Before all else: to hear of it after minutes of realizing would be late.
  for (const one of hosts) await assertFree(one, port);
  const exitCode = await realizeFirst(around, id, flags);
  if (exitCode !== 0) return exitCode;
  const project = openProject(around, id, flags);
  const note = await openNotes(around, flags.json ?? false);
  if (!hosts.every((one) => loopback.test(one)))
    note('warning', `${host}: whoever reaches this machine can use ComfyUI, which asks nobody for a password`);
  await using server = await startServer({
    ...serverOf(project),
    host: hosts.join(','),
    port,
    args: rest,
    // With --json nothing but events is on stdout.
    streams: flags.json ? [2, 2] : ['inherit', 'inherit'],
  });
  forwardSignals(around.signal, server);
  await announce(server, () => note('info', `${project.version.id} is ready at ${server.origin}`));
  return await server.ended;
}

/** Lines about the server, between its own. */
async function openNotes({ stdout: stream, environment }: Around, json: boolean) {
  const facts = { stream, colour: false, secrets: secretsIn(environment) };
  const emit = await openRenderer(json ? 'json' : 'plain', facts);
  return (level: 'info' | 'warning', text: string): void => emit({ type: 'note', level, text });
}

/** Says so when the server answers. One that ends before has said why itself; only a stranger in its place is a failure. */
async function announce(server: Server, say: () => void): Promise<void> {
  try {
    await untilReady(server, { signal: new AbortController().signal });
    say();
  } catch (error) {
    if (!(error instanceof Failed) || error.failure.kind === 'busy') throw error;
  }
}

const names: Readonly<Record<number, NodeJS.Signals>> = { 129: 'SIGHUP', 130: 'SIGINT', 143: 'SIGTERM' };

/** What this process is told, the server is told: it ends as it sees fit, and this process with it. */
function forwardSignals(signal: AbortSignal, server: Server): void {
  const forward = (): void => {
    const reason: unknown = signal.reason;
    server.signal((reason instanceof Stopped ? names[reason.exitCode] : undefined) ?? 'SIGTERM');
  };
  if (signal.aborted) forward();
  else signal.addEventListener('abort', forward, { once: true });
}
