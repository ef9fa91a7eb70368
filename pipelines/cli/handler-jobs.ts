import { basename, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod/mini';

import { Failed } from '#engine';
import { readWorkflow, type Workflow } from '../../tasks/tools/comfy/graph.ts';
import { readText, valueOf } from '../documents/json.ts';
import type { Around } from './around.ts';

/** A picture that a workflow takes: what it is called there, and where it is. */
export interface InputImage {
  readonly name: string;
  readonly source: string;
}

/** One workflow to run. `file` names it in all that is said. */
export interface Job {
  readonly file: string;
  readonly workflow: Workflow;
  readonly images: readonly InputImage[];
}

/** Reads a workflow's file. Throws Failed (document, absent). */
export function readJob({ cwd }: Pick<Around, 'cwd'>, path: string, images: readonly InputImage[]): Job {
  const file = basename(path);
  return { file, workflow: readWorkflow(exactValueOf(readText(resolve(cwd, path), path), path), path), images };
}

/** Reads `--input-image` flags: `name=source` each. Throws Failed (usage). */
export const readImages = (words: readonly string[] = []): readonly InputImage[] =>
  words.map((word) => {
    const [, name, source] = /^([^=]+)=(.+)$/s.exec(word) ?? [];
    if (name !== undefined && source !== undefined) return { name, source };
    const hint = 'write `--input-image photo.png=https://...`, with the name that the workflow has';
    throw new Failed({ kind: 'usage', problem: `--input-image cannot be ${word}`, hint });
  });

/** A line of standard input that says more than a file's name. */
const Line = z.strictObject({
  workflow: z.union([z.string(), z.record(z.string(), z.unknown())]),
  input_images: z._default(z.record(z.string(), z.string()), {}),
});

/**
 * The jobs that standard input names, as they come: a line is a file, or `{"workflow": ..., "input_images": {...}}` with
 * a file or the workflow itself. A line that makes no job is answered with its failure.
 */
export async function* jobsFrom(
  around: Around,
): AsyncGenerator<Job | { readonly line: string; readonly thrown: unknown }> {
  const lines = createInterface({ input: around.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  const stop = (): void => lines.close();
  around.signal.addEventListener('abort', stop, { once: true });
  try {
    let number = 0;
    for await (const line of lines) {
      number += 1;
      if (line.trim() === '') continue;
      const name = `line ${number}`;
      try {
        yield jobOf(around, line.trim(), name);
      } catch (thrown) {
        yield { line: name, thrown };
      }
    }
  } finally {
    around.signal.removeEventListener('abort', stop);
    lines.close();
  }
}

function jobOf(around: Around, line: string, name: string): Job {
  if (!line.startsWith('{')) return readJob(around, line, []);
  const read = Line.safeParse(exactValueOf(line, name));
  if (!read.success)
    throw new Failed({ kind: 'document', file: name, problem: 'Expected a workflow, and maybe input_images' });
  const images = Object.entries(read.data.input_images).map(([image, source]) => ({ name: image, source }));
  const { workflow } = read.data;
  if (typeof workflow === 'string') return readJob(around, workflow, images);
  return { file: name, workflow: readWorkflow(workflow, name), images };
}

/** JSON whose numbers are sent on as they were written: a seed may be larger than JavaScript counts. */
function exactValueOf(text: string, name: string): unknown {
  const value = valueOf(text, name);
  return /\d{16}/.test(text) ? JSON.parse(text, exactly) : value;
}

function exactly(this: unknown, _key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || source === undefined || !/^-?\d{16,}$/.test(source)) return value;
  return Number.isSafeInteger(value) ? value : rawJson(source);
}

/** A number that is written as it is given. The runtime has it, its types do not yet. */
const rawJson = (JSON as unknown as { readonly rawJSON: (text: string) => unknown }).rawJSON;
