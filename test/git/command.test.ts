import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const checkout = join(import.meta.dirname, '../..');

/** A program that runs git, and then says what still keeps it from ending. */
const program = `
  import { localEnvironment, runGit } from './tasks/tools/git/command.ts';
  const environment = localEnvironment({ PATH: process.env.PATH }, '/dev/null');
  const { stdout } = await runGit(['version'], { directory: '.', environment, signal: new AbortController().signal });
  console.log(stdout.trim(), process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length);
`;

test('a git that has ended leaves no timer: the process that ran it can end at once', () => {
  const said = execFileSync(process.execPath, ['--input-type=module-typescript', '--eval', program], {
    cwd: checkout,
    encoding: 'utf8',
  });
  expect(said).toMatch(/^git version .* 0\n$/);
});
