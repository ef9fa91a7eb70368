import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { writeFile } from '../write-file.ts';
import { renderIndex } from './index-file.ts';
import type { TreeEntry } from './tree.ts';

type Values = Readonly<Record<string, string>>;

/** Sections of a git configuration file, in order: `['remote "origin"', { url }]`. */
type Sections = readonly (readonly [name: string, values: Values])[];

/** What a `.git` says of a checkout besides its objects. */
export interface Description {
  readonly repo: string;
  readonly commit: string;
  /** A branch's full name; anything else leaves HEAD detached. */
  readonly ref?: string;
  /** Whether the commit has parents, which are not there. */
  readonly shallow: boolean;
  readonly entries: readonly TreeEntry[];
}

/** Files are as they are in the commit; what a repository asks for at checkout was not done, so it must not be undone either. */
const attributes = '* -text -eol -crlf -ident -working-tree-encoding\n';

/** Writes everything of a `.git` but the objects. The same description gives the same bytes. */
export function writeDotGit(directory: string, { repo, commit, ref, shallow, entries }: Description): void {
  const branch = ref?.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : undefined;
  const fetch = branch === undefined ? '+refs/heads/*:refs/remotes/origin/*' : `+${ref}:refs/remotes/origin/${branch}`;
  writeBare(directory, commit, { bare: 'false', logAllRefUpdates: 'true' }, [
    ['remote "origin"', { url: repo, fetch }],
    ...(branch === undefined
      ? []
      : ([[`branch "${escaped(branch)}"`, { remote: 'origin', merge: `refs/heads/${branch}` }]] as const)),
  ]);
  const write = (path: string, content: string | Buffer) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFile(join(directory, path), content);
  };
  write('HEAD', branch === undefined ? `${commit}\n` : `ref: ${ref}\n`);
  if (branch !== undefined) {
    write(`refs/heads/${branch}`, `${commit}\n`);
    write(`refs/remotes/origin/${branch}`, `${commit}\n`);
  }
  if (shallow) write('shallow', `${commit}\n`);
  write('info/attributes', attributes);
  write('index', renderIndex(entries));
}

/**
 * Writes an empty repository: what git needs to see to call it one, with these settings. The length of `commit` says which
 * hash is used.
 */
export function writeBare(directory: string, commit: string, core: Values, sections: Sections = []): void {
  for (const part of ['objects/pack', 'refs/heads']) mkdirSync(join(directory, part), { recursive: true });
  const sha1 = commit.length === 40;
  const config = renderConfig([
    ['core', { repositoryFormatVersion: sha1 ? '0' : '1', ...core }],
    ...(sha1 ? [] : ([['extensions', { objectFormat: 'sha256' }]] as const)),
    ...sections,
  ]);
  writeFile(join(directory, 'HEAD'), 'ref: refs/heads/main\n');
  writeFile(join(directory, 'config'), config);
}

const renderConfig = (sections: Sections): string =>
  sections
    .flatMap(([name, values]) => [
      `[${name}]`,
      ...Object.entries(values).map(([key, value]) => `\t${key} = ${quoted(value)}`),
    ])
    .map((line) => `${line}\n`)
    .join('');

/** Values stand as they are unless git would read something else into them. */
const quoted = (value: string): string => (/^[\w./:@+*-]*$/.test(value) ? value : `"${escaped(value)}"`);

const escaped = (text: string): string => text.replaceAll(/[\\"]/g, String.raw`\$&`);
