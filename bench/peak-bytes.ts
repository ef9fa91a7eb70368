import { spawnSync } from 'node:child_process';

import { python } from './larder.ts';
import type { Subject } from './stopwatch.ts';

/** Starts a command and prints the most memory that it, or a process below it, had. */
const program = `
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(most if sys.platform == 'darwin' else most * 1024)
sys.exit(code)
`;

/** Runs a command to its end and answers the most memory that one of its processes had, in bytes. Throws when it fails. */
export function peakBytesOf({ argv, cwd, environment }: Omit<Subject, 'name'>): number {
  const { status, stdout, stderr } = spawnSync(python, ['-c', program, ...argv], {
    cwd,
    env: { PATH: process.env['PATH'], LANG: 'C.UTF-8', ...environment },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${argv.join(' ')} exited with ${status}: ${stderr.slice(-2_000)}`);
  return Number(stdout.trim());
}
