import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, basename } from 'node:path';

import { Failed } from '#engine';

import { JsonFault, parseJson } from './parse-json.ts';

const maxBytes = 10 * 1024 * 1024;

/** The text of a document: UTF-8, with or without byte order mark, at most 10 MB. `name` is what messages call the file. */
export function readText(file: string, name: string = file): string {
  const refuse = (problem: string, cause?: unknown) => new Failed({ kind: 'document', file: name, problem }, { cause });
  try {
    const found = statSync(file);
    if (!found.isFile()) throw refuse('Expected a file');
    if (found.size > maxBytes)
      throw refuse(`A document has at most 10 MB, this one has ${Math.ceil(found.size / 1024 ** 2)} MB`);
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    if (error instanceof Failed) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new Failed({ kind: 'absent', what: name }, { cause: error });
    throw refuse(
      code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'Expected UTF-8 text' : `Cannot be read (${code})`,
      error,
    );
  }
}

/** The value of a JSON text, or a failure that names its line and column. */
export function valueOf(text: string, name: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    const at = `line ${error.line}, column ${error.column}`;
    throw new Failed({ kind: 'document', file: name, at, problem: error.message }, { cause: error });
  }
}

/** A JSON document: at most 10 MB and 64 levels, no key twice. `name` is what messages call the file. */
export const readJson = (file: string, name: string = file): unknown => valueOf(readText(file, name), name);

/** How a document of a project names the JSON Schema beside it: the same on every machine. One that lies elsewhere names none. */
export const schemaBeside = (root: string, file: string): string | undefined =>
  ['versions', 'lockfiles'].some((room) => dirname(file) === join(root, room)) ? './schema.json' : undefined;

/** Writes a JSON document for people, whole or not at all. */
export const writeJson = (file: string, value: unknown): void => writeText(file, `${JSON.stringify(value, null, 2)}\n`);

/** Writes a document whole or not at all: a crash leaves the old one. A symbolic link stays one. */
export function writeText(file: string, text: string): void {
  const place = followed(file);
  mkdirSync(dirname(place), { recursive: true });
  const temporary = join(dirname(place), `.${basename(place)}.${randomUUID()}`);
  try {
    writeFileSync(temporary, text, { flag: 'wx', flush: true });
    renameSync(temporary, place);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  const directory = openSync(dirname(place), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function followed(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
