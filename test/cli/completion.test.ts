import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { bashScript } from '../../pipelines/cli/completion/bash.ts';
import { fishScript } from '../../pipelines/cli/completion/fish.ts';
import { completedVerbs } from '../../pipelines/cli/completion/line.ts';
import { zshScript } from '../../pipelines/cli/completion/zsh.ts';
import type { Verb } from '../../pipelines/cli/verb.ts';
import { verbs } from '../../pipelines/cli/verbs.ts';
import { hasShell, openShell, type Session } from './shells.ts';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };
const table: Readonly<Record<string, Verb>> = verbs;

let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'completion-'));
  for (const directory of ['versions', 'pipelines', 'below/deep', 'a directory'])
    mkdirSync(join(project, directory), { recursive: true });
  const files = ['versions/demo.json', 'versions/wan22-fast.json', 'versions/schema.json', 'versions/notes.txt'];
  for (const file of [...files, 'pipelines/greet.ts', 'flow.json', 'versions/$(touch owned).json'])
    writeFileSync(join(project, file), '{}');
  for (const [shell, script] of Object.entries(scripts))
    writeFileSync(join(project, `.script.${shell}`), script(completedVerbs()));
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

for (const shell of ['bash', 'zsh', 'fish'] as const)
  describe.skipIf(!hasShell(shell))(`in ${shell} (skipped where it is not installed)`, () => {
    let session: Session | undefined;
    const complete = async (line: string, below = ''): Promise<readonly string[]> =>
      session!.complete(line, join(project, below));

    beforeAll(() => {
      session = openShell(shell, { script: join(project, `.script.${shell}`), home: project });
    });

    afterAll(async () => session?.[Symbol.asyncDispose]());

    test('a verb is completed, and pipelines of the project beside them', async () => {
      const offered = await complete('pipeline ');
      expect(offered).toEqual(expect.arrayContaining([...Object.keys(verbs), 'help', 'greet']));
      expect(await complete('pipeline rea')).toEqual(['realize']);
      expect(await complete('pipeline run-')).toEqual(['run-handler', 'run-ui']);
      expect(await complete('pipeline help va')).toEqual(['validate']);
    });

    test.for(Object.keys(verbs))('every flag of %s is completed, and none of another verb', async (verb) => {
      const flags = [...Object.keys(table[verb]!.flags), 'help'].map((flag) => `--${flag}`).toSorted();
      // zsh and fish take `--flag=` for a spelling of its own.
      const offered = (await complete(`pipeline ${verb} --`)).map((flag) => flag.replace(/=$/, ''));
      expect(offered).toEqual(flags);
    });

    test.for(['pipeline realize ', 'pipeline status --json ', 'pipeline delete --target /tmp '])(
      'ids of versions are completed: %s',
      async (line) => {
        const offered = await complete(line);
        expect(offered).toEqual(expect.arrayContaining(['demo', 'wan22-fast']));
        expect(offered).not.toContain('schema');
        expect(offered).not.toContain('notes');
      },
    );

    test('ids are found from a directory below the project, and begin as the word does', async () => {
      expect(await complete('pipeline realize wan', 'below/deep')).toEqual(['wan22-fast']);
      expect(await complete('pipeline realize --version-id de')).toEqual(['demo']);
      expect(await complete('pipeline clone demo ')).toEqual([]);
    });

    test('choices are completed, of places and of flags', async () => {
      expect(await complete('pipeline node un')).toEqual(['uninstall']);
      expect(await complete('pipeline node --all li')).toEqual(['list']);
      expect(await complete('pipeline completion ')).toEqual(['bash', 'fish', 'zsh']);
      expect(await complete('pipeline realize demo --link-mode ')).toEqual(['auto', 'copy', 'hardlink', 'reflink']);
      expect(await complete('pipeline realize demo --jobs 2 --installer p')).toEqual(['pip', 'pipeline']);
      const inOneWord = (await complete('pipeline run-handler demo --output=g')).map((word) =>
        word.replace('--output=', ''),
      );
      expect(inOneWord).toEqual(['gcs']);
    });

    test('paths are completed where they may stand', async () => {
      expect(await complete('pipeline run-handler demo --workflow fl')).toEqual(['flow.json']);
      expect(await complete('pipeline unpack fl')).toEqual(['flow.json']);
      expect(await complete('pipeline run-ui demo -- fl')).toEqual(['flow.json']);
      expect(await complete('pipeline realize demo --target fl')).toEqual([]);
      const directories = await complete('pipeline realize demo --target be');
      expect(directories.map((word) => word.replace(/\/$/, ''))).toEqual(['below']);
    });

    test('a name in the project is never run', async () => {
      await complete('pipeline realize ');
      await complete('pipeline diff ');
      expect(existsSync(join(project, 'owned'))).toBe(false);
    });
  });

test('printing a script loads nothing but the table of verbs', () => {
  const loaded = new Set<string>();
  const visit = (file: URL): void => {
    if (loaded.has(file.href)) return;
    loaded.add(file.href);
    for (const [, from] of readFileSync(file, 'utf8').matchAll(/(?:^import (?!type ).*? from |\bimport\()'(.+?)'/gm))
      visit(new URL(from!, file));
  };
  visit(new URL('../../pipelines/cli/command-completion.ts', import.meta.url));
  expect([...loaded].map((href) => href.replace(/.*\//, '')).toSorted()).toEqual([
    'bash.ts',
    'command-completion.ts',
    'fish.ts',
    'line.ts',
    'living-verbs.ts',
    'making-verbs.ts',
    'realizing-flags.ts',
    'verbs.ts',
    'zsh.ts',
  ]);
});
