import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

import { type Failure, toFailure } from '#engine';

import { type GitOptions, openGit } from '../../tasks/tools/git/git.ts';
import { type GitServerHabits, serveGit } from '../rig/git-server.ts';

/** A directory that is gone when the test is over. */
export function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pipeline-git-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}

/** A fresh directory with a server for the repositories below `repositories`; both are gone when the test is over. */
export async function serveTemporary(habits: GitServerHabits = {}) {
  const directory = temporary();
  const repositories = join(directory, 'repositories');
  mkdirSync(repositories);
  const server = await serveGit(repositories, habits);
  onTestFinished(() => server.close());
  return { directory, repositories, server };
}

/** The adapter with mirrors of its own below `directory`, and nobody's settings. */
export const gitIn = (directory: string, options: Partial<GitOptions> = {}) =>
  openGit({
    mirrors: join(directory, 'mirrors'),
    environment: { PATH: process.env['PATH'] ?? '', HOME: directory },
    offline: false,
    signal: new AbortController().signal,
    ...options,
  });

/** What a promise failed with. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise;
  } catch (thrown) {
    return toFailure(thrown);
  }
  throw new Error('It did not fail');
}

/** Path -> content of everything below a directory (links as `-> target`, directories as `/`), sorted. */
export function contentOf(directory: string): Readonly<Record<string, string>> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).map((entry) => {
    const path = join(entry.parentPath, entry.name);
    const content = entry.isSymbolicLink()
      ? `-> ${readlinkSync(path)}`
      : entry.isDirectory()
        ? '/'
        : readFileSync(path, 'latin1');
    return [path.slice(directory.length + 1), content] as const;
  });
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The one mirror below a directory that `gitIn` worked in. */
export function onlyMirror(directory: string): string {
  const names = readdirSync(join(directory, 'mirrors')).filter((name) => name.endsWith('.git'));
  if (names.length !== 1) throw new Error(`Expected one mirror: ${names.join(', ')}`);
  return join(directory, 'mirrors', names[0]!);
}

/** What lies aside, where fetches are made. */
export const incoming = (directory: string) => readdirSync(join(directory, 'mirrors/incoming'));

/** Text that does not compress, the same every time. */
export function noise(length: number): string {
  let state = 1;
  return Array.from({ length }, () => ((state = (state * 48_271) % 2_147_483_647) % 36).toString(36)).join('');
}
