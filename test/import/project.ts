import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished } from 'vitest';

import { describe, Failed } from '#engine';
import { renderVersion } from '../../pipelines/documents/render-version.ts';
import { readVersion } from '../../pipelines/documents/version.ts';
import { composeVersion, type Parts } from '../../pipelines/import/compose-version.ts';
import type { Found } from '../../pipelines/import/found.ts';
import { readSource } from '../../pipelines/import/read-source.ts';
import { type Answers, questionsOf, settleUses } from '../../pipelines/import/settle-uses.ts';
import type { VersionId } from '../../tasks/vocabulary.ts';

type Content = string | Buffer | Readonly<Record<string, unknown>> | readonly unknown[];

/** A directory of the test's own with these files: text and bytes as they are, anything else as JSON. */
export function directoryOf(files: Readonly<Record<string, Content>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'import-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(
      join(root, path),
      typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content),
    );
  }
  return root;
}

/** What the registry of a test knows. */
interface Registry {
  readonly byClass?: Readonly<Record<string, string | null>>;
  readonly byId?: Readonly<Record<string, string | null>>;
}

const answersOf = ({ byClass = {}, byId = {} }: Registry): Answers => ({
  byClass: new Map(Object.entries(byClass).map(([name, id]) => [name, id === null ? null : { id }])),
  byId: new Map(Object.entries(byId).map(([id, repository]) => [id, repository === null ? null : { id, repository }])),
});

/** What a file with this content turns out to be, what is asked about it, and what is found in it. */
async function read(content: Content, registry: Registry = {}) {
  const source = await readSource(join(directoryOf({ source: content }), 'source'), 'source');
  const { kind } = source;
  if ('found' in source) return { kind, found: source.found };
  return { kind, asked: questionsOf(source.uses), found: settleUses(source.uses, answersOf(registry)) };
}

/** The version that these make, as its document and as lines for people. The document, read again, is that version, and warns of nothing. */
export function composed(found: Found, more: Partial<Parts> = {}) {
  const root = more.root ?? directoryOf();
  const { version, lines, warnings } = composeVersion({
    id: 'made' as VersionId,
    root,
    source: 'source',
    found,
    nodes: [],
    models: [],
    ...more,
  });
  const document = JSON.parse(JSON.stringify(renderVersion(version))) as Readonly<Record<string, unknown>>;
  mkdirSync(join(root, 'versions'));
  writeFileSync(join(root, 'versions/made.json'), JSON.stringify(document));
  expect(readVersion({ root, id: 'made' })).toMatchObject({ version, warnings: [] });
  return { document, warnings, lines: lines.map(({ fate, what, why }) => `${fate} ${what}: ${why}`) };
}

/** The same, of a file with this content. */
export async function imported(content: Content, registry: Registry = {}) {
  const { kind, asked, found } = await read(content, registry);
  return { kind, asked, ...composed(found) };
}

/** What a person reads when a file with this content is refused; nothing appears beside it. */
export async function refusalOf(content: Content): Promise<string> {
  const root = directoryOf({ source: content });
  const thrown: unknown = await readSource(join(root, 'source'), 'source').then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(readdirSync(root)).toEqual(['source']);
  if (!(thrown instanceof Failed)) throw new Error('Nothing was refused', { cause: thrown });
  return describe(thrown.failure).message;
}

/** A commit. */
export const commit = '37365817e82c3d6057fcb0a5d7f952f7376f096a';
/** Another one. */
export const other = '196954ab5f1e2d3c4b5a69788796a5b4c3d2e1f0';
