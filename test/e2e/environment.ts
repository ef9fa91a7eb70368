import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

import type { Core } from '../demo/workbench.ts';

/** Runs a program of a target in it, with nothing of this process's environment. Rejects when it fails. */
export const runIn = async (target: string, program: string, ...args: readonly string[]): Promise<string> => {
  const { stdout } = await promisify(execFile)(join(target, program), args, { cwd: target, env: {} });
  return stdout;
};

/** Serves a target as its result says: `.venv/bin/python main.py`. Ready when it says so. */
export async function serve(target: string): Promise<Core> {
  const child = spawn(join(target, '.venv/bin/python'), ['main.py', '--port', '0', '--cpu'], {
    cwd: target,
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const printed: string[] = [];
  let origin: string | undefined;
  for await (const line of createInterface(child.stdout)) {
    printed.push(line);
    origin = /^Ready: (.+)$/.exec(line)?.[1];
    if (origin !== undefined) break;
  }
  if (origin === undefined) throw new Error(`The server did not start:\n${printed.join('\n')}`);
  child.stdout.resume();
  return {
    home: target,
    origin,
    printed,
    child,
    async [Symbol.asyncDispose]() {
      child.kill('SIGINT');
      await ended;
    },
  };
}
