import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Failed, type Failure, type Http } from '#engine';
import { afterEach, beforeEach, expect } from 'vitest';

import { type HttpOptions, openHttp } from '../../tasks/tools/http/http.ts';
import { type Fault, type FileServer, startFileServer } from './file-server.ts';

/** A file server and a directory for each test of the file that asks, and one file worth fetching. */
export interface Downloads {
  readonly body: Buffer;
  /** What the lockfile would pin of `body`. */
  readonly exact: { readonly sha256: string; readonly size: number };
  readonly server: FileServer;
  readonly directory: string;
  /** Where a download goes. */
  readonly to: string;
  /** `exact`, at `to`. */
  readonly wanted: { readonly to: string; readonly sha256: string; readonly size: number };
  /** The pauses that were taken, in milliseconds. None of them takes any time. */
  readonly waits: readonly number[];
  open(over?: Partial<HttpOptions>): Http;
  /** Serves `body` at /file.bin; each fault spoils one request. */
  serve(...faults: readonly Fault[]): string;
  /** The `Range` of every request so far. */
  ranges(): readonly (string | undefined)[];
  /** How work that must fail failed. It leaves no file behind. */
  failureOf(work: Promise<unknown>): Promise<Failure>;
}

/** Sets up before each test, and clears away after it. */
export function downloads(): Downloads {
  const body = randomBytes(300_000);
  const exact = { sha256: createHash('sha256').update(body).digest('hex'), size: body.length };
  let server: FileServer;
  let directory = '';
  let waits: number[] = [];
  beforeEach(async () => {
    server = await startFileServer();
    directory = mkdtempSync(join(tmpdir(), 'http-'));
    waits = [];
  });
  afterEach(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true });
  });
  return {
    body,
    exact,
    get server() {
      return server;
    },
    get directory() {
      return directory;
    },
    get to() {
      return join(directory, 'file.bin');
    },
    get wanted() {
      return { to: join(directory, 'file.bin'), ...exact };
    },
    get waits() {
      return waits;
    },
    open: (over = {}) =>
      openHttp({
        offline: false,
        signal: new AbortController().signal,
        tokens: {},
        endpoints: { huggingFace: 'https://hf.invalid', civitai: 'https://civitai.invalid' },
        wait: async (ms) => void waits.push(ms),
        ...over,
      }),
    serve: (...faults) => server.serve('/file.bin', body, { faults }),
    ranges: () => server.asked.map(({ headers }) => headers.range),
    async failureOf(work) {
      const error: unknown = await work.then(
        () => new Error('It was to fail, and did not'),
        (thrown: unknown) => thrown,
      );
      expect(existsSync(join(directory, 'file.bin'))).toBe(false);
      if (error instanceof Failed) return error.failure;
      throw error;
    },
  };
}
