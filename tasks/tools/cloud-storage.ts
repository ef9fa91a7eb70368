import { Failed } from '#engine';

import type { Lender } from './http/lend.ts';
import type { Argv, Shell } from './shell.ts';

/** Programs that copy out of Google Cloud Storage with the login of whoever runs them, the better one first. */
const programs: readonly ((from: string, to: string) => Argv)[] = [
  (from, to) => ['gcloud', 'storage', 'cp', '--quiet', from, to],
  (from, to) => ['gsutil', '-q', 'cp', from, to],
];

/** Copies objects with `gcloud`, or with `gsutil` where there is no such program; with nothing where there is neither. */
export const openLender =
  (shell: Shell): Lender =>
  async (object, to) => {
    for (const program of programs) if (await ran(shell, program(object, to))) return 'copied';
    return undefined;
  };

/** Runs a program to its end; false when it is not here. Throws Failed (command, cancelled). */
async function ran(shell: Shell, argv: Argv): Promise<boolean> {
  try {
    await shell.run(argv);
    return true;
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    if (error.failure.kind === 'absent') return false;
    if (error.failure.kind !== 'command') throw error;
    const hint = 'check that it is logged in and may read the object (`gcloud auth login`)';
    throw new Failed({ ...error.failure, hint });
  }
}
