import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished } from 'vitest';

import { describe, Failed } from '#engine';

import { readVersion } from '../../pipelines/documents/version.ts';

/** A project in a directory of its own, gone when the test ends: path -> text, or a value to write as JSON. */
export function project(files: Readonly<Record<string, unknown>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'documents-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return root;
}

/** What a person reads when `act` fails: the message, and the hint on lines of its own. */
export function failureOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    const { message, hint } = describe(error.failure);
    return hint === undefined ? message : `${message}\nhint: ${hint}`;
  }
  throw new Error('Nothing failed');
}

/** Every path below a directory. */
export const pathsBelow = (root: string): readonly string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' }).toSorted();

/** The commit that documents of the tests pin. */
export const commit = '37365817e82c3d6057fcb0a5d7f952f7376f096a';

/** A document of generation 2 with the fields that are given, and the least of the others. */
export const documentWith = (fields: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> => ({
  schema_version: 2,
  version_id: 'demo',
  comfy: { repo: 'https://git.example/core' },
  ...fields,
});

/** The version that a document with these fields is, and what a person is told; the file's name left out. */
export const read = (fields: Readonly<Record<string, unknown>>, name = 'demo') => {
  const root = project({ [`versions/${name}.json`]: documentWith(fields) });
  const { version, warnings } = readVersion({ root, id: name });
  return { version, warnings: warnings.map((warning) => warning.replace(`versions/${name}.json: `, '')) };
};

/** What a person reads when the document is not what it should be; its file's name left out. Nothing is written. */
export function messageOf(document: unknown): string {
  const root = project({ 'versions/demo.json': document });
  const before = pathsBelow(root);
  const message = failureOf(() => readVersion({ root, id: 'demo' }));
  expect(pathsBelow(root)).toEqual(before);
  return message.replaceAll('versions/demo.json: ', '');
}
