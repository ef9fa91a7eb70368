import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';

import { diskError } from './disk-error.ts';

type Flusher = ChildProcessByStdio<Writable, Readable, null>;

/** Flushes once for each line, and answers how that went. It ends when this process does. */
const program = 'while read -r _; do sync -f "$1"; echo $?; done';

/** What a shell answers for a program that it does not find or cannot run. */
const unstartable = ['126', '127'];

/**
 * Flushes the volume that holds `directory`; one flush at a time. Throws `EIO` when the disk does not confirm it, another error
 * where there is no `sync`. One shell starts them all: starting one takes this process the longer the more memory it has.
 */
export function openVolumeFlush(directory: string): () => Promise<void> {
  let flusher: Flusher | undefined;
  const start = async (): Promise<Flusher> => {
    const { spawn } = await import('node:child_process');
    const child = spawn('sh', ['-c', program, 'sh', directory], {
      stdio: ['pipe', 'pipe', 'ignore'],
      cwd: '/',
      // In a group of its own: Ctrl-C is for the run to handle, not for its flush.
      detached: true,
    });
    child.stdin.on('error', () => {});
    child.once('exit', () => (flusher = undefined));
    return child;
  };
  return async () => {
    const child = (flusher ??= await start());
    hold(child, true);
    const status = await ask(child).catch((error: unknown) => {
      flusher = undefined;
      throw error;
    });
    hold(child, false);
    if (unstartable.includes(status)) throw diskError('ENOENT', directory, 'sync cannot be started');
    if (status !== '0') throw diskError('EIO', directory, 'the disk did not confirm what was written');
  };
}

/** Has it flush; answers the exit code of `sync`, nothing when the shell ended. Throws when that cannot be started. */
async function ask(flusher: Flusher): Promise<string> {
  const { stdin, stdout } = flusher;
  const enough = new AbortController();
  const { signal } = enough;
  try {
    const answers = [once(stdout, 'data', { signal }), once(flusher, 'exit', { signal }).then(() => [''])];
    // Its errors reject both, and one of them is enough.
    for (const answer of answers) void answer.catch(() => {});
    stdin.write('\n');
    const [answer] = (await Promise.race(answers)) as [unknown];
    return String(answer).trim();
  } finally {
    enough.abort();
  }
}

/** Nobody waits for a flusher that has nothing to do. */
function hold(flusher: Flusher, working: boolean): void {
  for (const thing of [flusher, ...[flusher.stdin, flusher.stdout].filter((pipe) => pipe instanceof Socket)]) {
    if (working) thing.ref();
    else thing.unref();
  }
}
