import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { Release } from './releases.ts';
import { writeWhole } from './write.ts';

/** Runs a program with `input` on its standard input; rejects when it does not exit with 0. */
export type Run = (
  argv: readonly [program: string, ...rest: string[]],
  how: { readonly input: string },
) => Promise<unknown>;

/** Runs a program of this machine, and waits for it. */
export const runHere: Run = async ([program, ...rest], { input }) =>
  execFileSync(program, rest, { input, stdio: ['pipe', 'ignore', 'pipe'] });

const author = 'Demo <demo@example.invalid>';

// What `git init --bare` would write, less what differs between versions of git, and with fetching by commit allowed.
const config = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
[uploadpack]
\tallowReachableSHA1InWant = true
\tallowAnySHA1InWant = true
`;

/** Writes a bare repository: one commit on `main` and one tag `v<version>` for each release. */
export async function writeRepository(directory: string, releases: readonly Release[], run: Run): Promise<void> {
  for (const child of ['objects', 'refs/heads']) mkdirSync(join(directory, child), { recursive: true });
  writeWhole(join(directory, 'HEAD'), 'ref: refs/heads/main\n');
  writeWhole(join(directory, 'config'), config);
  // One pack instead of a hundred loose objects; no hook of the user's sees a branch appear.
  const settings = ['-c', 'fastimport.unpackLimit=0', '-c', 'core.hooksPath=/dev/null'];
  const argv = ['git', `--git-dir=${directory}`, ...settings, 'fast-import', '--quiet', '--done'] as const;
  await run(argv, { input: historyOf(releases) });
}

/** The stream for `git fast-import`. Commit ids follow from it alone. */
function historyOf(releases: readonly Release[]): string {
  const parts = releases.map(({ version, at, summary, files }) => {
    const who = `${author} ${at} +0000`;
    const entries = [...files].map(
      ([path, bytes]) => `M 100644 inline ${inRepository(path)}\n${data(bytes.toString())}`,
    );
    return [
      `commit refs/heads/main\nauthor ${who}\ncommitter ${who}\n${data(`${summary}\n`)}deleteall\n`,
      ...entries,
      `tag v${version}\nfrom refs/heads/main\ntagger ${who}\n${data(`Version ${version}\n`)}`,
    ].join('');
  });
  return `${parts.join('')}done\n`;
}

const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;

/** npm leaves files called `.gitignore` out of a package, so they are shipped without their dot. */
const inRepository = (path: string): string => (path === 'gitignore' ? '.gitignore' : path);
