import { readFileSync, statSync } from 'node:fs';

import { Failed, type Failure, type FilePin, type Http, toFailure } from '#engine';

import { anotherSourceMayDo, bringFile } from './bring-file.ts';
import { pinOnCivitai } from './civitai.ts';
import { fetchJson } from './fetch-json.ts';
import { find } from './find.ts';
import { sizeAt } from './head.ts';
import { pinOnHub } from './hugging-face.ts';
import { mostJsonBytes, parseJson, tooLong } from './json.ts';
import { askingOf, type HttpOptions } from './options.ts';
import { readLocal, readRemote } from './read.ts';
import type { Claim, Located } from './source.ts';
import { together } from './together.ts';

export type { HttpOptions } from './options.ts';

/** The tool for files and JSON documents, from the network and from this machine. */
export function openHttp(options: HttpOptions): Http {
  return {
    download: (what) => bringFile(what, options),
    pin: (from) => pin(from, options),
    async size(source) {
      const at = await find(source, options).catch(passingOver);
      if (typeof at === 'string') return statSync(at, { throwIfNoEntry: false })?.size;
      return at && (await sizeAt(at, askingOf(options)).catch(passingOver));
    },
    async read(url, how = {}) {
      const at = await find(url, options);
      if (typeof at === 'string') return readLocal(at, url, how);
      return readRemote(at, how, { ...askingOf(options), onFetched: options.onFetched });
    },
    async json(url, how = {}) {
      const at = await find(url, options);
      if (typeof at !== 'string') return fetchJson(at, how, askingOf(options));
      return readJson(at);
    },
  };
}

/** Where not to learn something is no failure; to be stopped is. */
function passingOver(error: unknown): undefined {
  if (toFailure(error).kind === 'cancelled' || toFailure(error).kind === 'bug') throw error;
  return undefined;
}

/** Asks the sources in their order. A file of this machine is quicker read than asked for elsewhere. */
async function pin(from: readonly string[], options: HttpOptions): Promise<FilePin | undefined> {
  const failures: Failure[] = [];
  for (const source of from) {
    try {
      const at = await find(source, options);
      const told = typeof at === 'string' ? undefined : await pinAt(at, options);
      if (told !== undefined || typeof at === 'string') return told;
    } catch (error) {
      const failure = toFailure(error);
      if (!anotherSourceMayDo(failure)) throw error;
      failures.push(failure);
    }
  }
  if (failures.length > 0 && failures.length === from.length) throw new Failed(together(failures));
  return undefined;
}

function pinAt(at: Located & Claim, options: HttpOptions): Promise<FilePin | undefined> | undefined {
  if (at.auth === 'huggingFace') return pinOnHub(at, options.endpoints.huggingFace, askingOf(options));
  return at.auth === 'civitai' ? pinOnCivitai(at, askingOf(options)) : undefined;
}

function readJson(path: string): unknown {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw new Failed({ kind: 'absent', what: path });
  if (size > mostJsonBytes) throw tooLong(path);
  const value = parseJson(readFileSync(path, 'utf8'), path);
  if (value === undefined) throw new Failed({ kind: 'document', file: path, problem: 'It is not JSON' });
  return value;
}
