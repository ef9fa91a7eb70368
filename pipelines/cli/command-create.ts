import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { Failed } from '#engine';
import { nameIn, parseId, versionPath } from '../documents/ids.ts';
import { schemaBeside } from '../documents/json.ts';
import { disk, findRoot } from '../documents/paths.ts';
import { present } from '../documents/present.ts';
import { renderVersion } from '../documents/render-version.ts';
import { withoutUserinfo } from '../documents/split-repository.ts';
import { existsAlready, writeNew } from '../documents/write-new.ts';
import { addChecksums } from '../import/add-checksums.ts';
import { type Composed, composeVersion } from '../import/compose-version.ts';
import { type ListName, readGiven, readGivenFile, readRepositoryWord } from '../import/given.ts';
import type { Around } from './around.ts';
import { findSource, type FoundSource, noSource } from './find-source.ts';
import { hashing } from './hashing.ts';
import { safeText } from './safe-text.ts';
import { secretsIn } from './secrets.ts';
import { showReport } from './show-report.ts';
import type { FlagsOf } from './verbs.ts';

type Flags = FlagsOf<'create'>;

/** `pipeline create <id>`: writes a version, from flags or from what there is already. Answers the exit code. */
export async function commandCreate(around: Around, word: string, flags: Flags): Promise<number> {
  const { cwd, stdout, stderr, environment } = around;
  const id = parseId(word);
  const { path: root } = findRoot({ cwd, probe: disk });
  const file = flags.output === undefined ? versionPath(root, id) : resolve(cwd, flags.output);
  const name = nameIn(root, file);
  if (!flags.force && existsSync(file)) throw existsAlready(name);
  if (flags.from === undefined && flags.repo === undefined)
    throw new Failed({
      kind: 'usage',
      problem: 'A version of which ComfyUI?',
      hint: `write \`pipeline create ${id} --repo <url>\`, or --from a directory, a snapshot or a workflow`,
    });
  const { from } = flags;
  const source = from === undefined ? noSource : await findSource(around, { ...flags, from, root });
  if (typeof source === 'number') return source;
  const composed = composeVersion({
    id,
    root,
    source: from ?? 'the command line',
    found: source.found,
    ...(flags.repo === undefined ? {} : { core: readRepositoryWord(flags.repo, cwd) }),
    nodes: await given('nodes', flags, cwd),
    models: await given('models', flags, cwd),
  });
  const { version, lines, warnings } = flags['auto-checksum'] ? await withChecksums(composed, around, flags) : composed;
  const $schema = schemaBeside(root, file);
  const document = renderVersion(version, present({ $schema }));
  writeNew(file, `${JSON.stringify(document, null, 2)}\n`, { name, force: flags.force ?? false });
  if ($schema !== undefined) (await import('../documents/keep-schema.ts')).keepSchema(root, 'versions');
  const safe = safeText(secretsIn(environment));
  for (const warning of [...credentialsIn(flags), ...warnings]) stderr.write(safe(`warning: ${warning}\n`));
  stdout.write(safe(flags.json ? asJson(name, source, lines) : asText(name, source, { lines, from, id })));
  return 0;
}

/** Documents are shared: who may read a repository is nobody else's business. */
const credentialsIn = ({ repo, nodes = [] }: Flags): readonly string[] =>
  [repo ?? '', ...nodes]
    .filter((word) => withoutUserinfo(word) !== word)
    .map((word) => `${withoutUserinfo(word)} is written without its user name: git asks its credential helper`);

async function given(list: ListName, flags: Flags, cwd: string) {
  const file = flags[`${list}-file`];
  const fromFile = file === undefined ? [] : await readGivenFile(list, file, cwd);
  const fromWords = [];
  for (const text of flags[list] ?? []) fromWords.push(...(await readGiven(list, text, cwd)));
  return [...fromFile, ...fromWords];
}

/** Pins models by files of this machine: below --models-root, else where models usually are. */
async function withChecksums(composed: Composed, around: Around, flags: Flags): Promise<Composed> {
  const { MODELS_DIR: models, COMFY_HOME: home } = around.environment;
  const directory = flags['models-root'] ?? models ?? (home && join(home, 'models'));
  if (!directory)
    throw new Failed({
      kind: 'usage',
      problem: '--auto-checksum needs models to read',
      hint: 'give --models-root DIR',
    });
  const added = await addChecksums(composed.version, resolve(around.cwd, directory), hashing(around));
  return { ...composed, version: added.version, warnings: [...composed.warnings, ...added.warnings] };
}

type Lines = Composed['lines'];

const asJson = (file: string, { kind }: FoundSource, report: Lines): string =>
  `${JSON.stringify({ kind: 'created', file, source: kind, report })}\n`;

function asText(
  file: string,
  { kind }: FoundSource,
  { lines, from, id }: { readonly lines: Lines; readonly from: string | undefined; readonly id: string },
): string {
  const report = from === undefined ? '' : `Read ${from}: ${kind}\n${showReport(lines)}`;
  return `${report}Wrote ${file}: \`pipeline validate ${id}\` pins it\n`;
}
