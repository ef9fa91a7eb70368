import { Failed } from '#engine';

import type { Lender } from './http/lend.ts';
import { isOnPath } from './is-on-path.ts';
import type { Argv, Shell } from './shell.ts';

/** Programs that copy out of Google Cloud Storage with the login of whoever runs them, the better one first. */
const programs: readonly ((from: string, to: string) => Argv)[] = [
  (from, to) => ['gcloud', 'storage', 'cp', '--quiet', '--no-user-output-enabled', from, to],
  (from, to) => ['gsutil', '-q', 'cp', from, to],
];

/** Copies objects with `gcloud` or else `gsutil`, where one of them is on `path` (as PATH is). */
export const openLender =
  ({ shell, path }: { readonly shell: Shell; readonly path: string }): Lender =>
  async (object, to) => {
    const argv = programs.map((program) => program(object, to)).find(([name]) => isOnPath(name, path));
    if (argv === undefined) return undefined;
    try {
      await shell.run(argv);
      return 'copied';
    } catch (error) {
      if (!(error instanceof Failed) || error.failure.kind !== 'command') throw error;
      const hint = 'check that it is logged in and may read the object (`gcloud auth login`)';
      throw new Failed({ ...error.failure, hint });
    }
  };
