import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';

import { readVersion } from '../../pipelines/documents/version.ts';
import { type Bench, type Ended, openBench } from './rig.ts';
import { changedPaths, listing } from './tree.ts';

/** Making the version `mine`, in a bench of each test's own. */
export interface Making {
  readonly bench: Bench;
  /** `pipeline create mine`, and more. */
  create(...args: readonly string[]): Promise<Ended>;
  /** The bytes of the version. */
  text(): string;
  /** The version that was written: its document, which is read without a warning, but for the schema that it names. */
  written(): Readonly<Record<string, unknown>>;
  /** What a command that fails tells, and every path below the bench that it changed. */
  attempt(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<unknown>;
}

/** Opens a bench before each test of a file, and closes it after. */
export function making(): Making {
  let bench: Bench;
  beforeEach(() => {
    bench = openBench();
  });
  afterEach(() => bench[Symbol.dispose]());
  const text = (): string => readFileSync(join(bench.project, 'versions/mine.json'), 'utf8');
  return {
    get bench() {
      return bench;
    },
    create: (...args) => bench.pipeline(['create', 'mine', ...args]),
    text,
    written() {
      expect(readVersion({ root: bench.project, id: 'mine' }).warnings).toEqual([]);
      const { $schema, ...document } = JSON.parse(text()) as Readonly<Record<string, unknown>>;
      expect($schema).toBe('./schema.json');
      return document;
    },
    async attempt(args, env = {}) {
      const before = listing(bench.directory);
      const { exitCode, stdout, stderr } = await bench.pipeline(args, { env });
      return { exitCode, stdout, stderr, changed: changedPaths(before, listing(bench.directory)) };
    },
  };
}

/** What `attempt` comes to when a command is refused. */
export const refusal = (exitCode: number, stderr: string) => ({ exitCode, stdout: '', stderr, changed: [] });

/** A commit. */
export const commit = '37365817e82c3d6057fcb0a5d7f952f7376f096a';
/** A repository of ComfyUI. */
export const repo = 'https://git.example/core';
