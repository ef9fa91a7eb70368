import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { openStore, type Store, type Tree } from '#cache';
import { onTestFinished } from 'vitest';

/** A directory for one test, removed after it. */
export function temporary(): string {
  const path = mkdtempSync(join(tmpdir(), 'cache-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A store for one test, and what it warned of. */
export interface TestStore extends Store {
  readonly root: string;
  readonly warnings: string[];
}

export function testStore(root = join(temporary(), 'store')): TestStore {
  const warnings: string[] = [];
  return { ...openStore({ root, warn: (text) => warnings.push(text) }), root, warnings };
}

/** Path -> what is there: a text is a file, `[text]` a program, `{ to }` a link, `{}` an empty directory. */
export type Layout = Readonly<Record<string, string | readonly [string] | { readonly to?: string }>>;

/** Lays a directory out. */
export function lay(directory: string, layout: Layout): string {
  mkdirSync(directory, { recursive: true });
  for (const [path, what] of Object.entries(layout)) {
    const place = join(directory, path);
    mkdirSync(dirname(place), { recursive: true });
    if (typeof what === 'string') writeFileSync(place, what);
    else if (Array.isArray(what)) writeFileSync(place, String(what[0]), { mode: 0o755 });
    else if ('to' in what && what.to !== undefined) symlinkSync(what.to, place);
    else mkdirSync(place, { recursive: true });
  }
  return directory;
}

/** Keeps a directory laid out in a scratch of its own. */
export async function keepLayout(store: Store, layout: Layout): Promise<Tree> {
  await using scratch = await store.scratch();
  return await store.keepTree(lay(join(scratch.path, 'tree'), layout));
}

/** Keeps a text as a file. */
export async function keepText(store: Store, text: string) {
  await using scratch = await store.scratch();
  const path = join(scratch.path, 'file');
  writeFileSync(path, text);
  return await store.keepFile(path);
}

/** Edits a file so that its mtime tells nothing, to the nanosecond. */
export function keepingTimes(path: string, edit: () => void): void {
  const before = join(temporary(), 'before');
  execFileSync('touch', ['-r', path, before]);
  edit();
  execFileSync('touch', ['-r', before, path]);
}

/** Everything below `directory`, sorted. */
export const listing = (directory: string): readonly string[] =>
  existsSync(directory) ? (readdirSync(directory, { recursive: true }) as string[]).toSorted() : [];

export const textOf = (path: string): string => readFileSync(path, 'utf8');

/** A program of this folder in a process of its own, line by line. Killed after the test. */
export interface Child {
  readonly process: ChildProcess;
  readonly lines: Interface;
  /** The next line; nothing when the program has ended. */
  readonly next: () => Promise<string | undefined>;
  readonly ended: Promise<unknown>;
}

export function startChild(program: string, argument: unknown, under: readonly string[] = []): Child {
  const command = [...under, process.execPath, join(import.meta.dirname, program), JSON.stringify(argument)];
  const child = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface(child.stdout);
  const reading = lines[Symbol.asyncIterator]();
  return {
    process: child,
    lines,
    next: async () => {
      const line = await reading.next();
      return line.done === true ? undefined : line.value;
    },
    ended: once(child, 'exit'),
  };
}
