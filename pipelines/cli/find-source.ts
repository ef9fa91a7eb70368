import { statSync } from 'node:fs';
import { resolve } from 'node:path';

import { type Found, nothing } from '../import/found.ts';
import { readInstallation } from '../import/installation.ts';
import { readSource } from '../import/read-source.ts';
import { questionsOf, settleUses } from '../import/settle-uses.ts';
import { type Around, saysYes } from './around.ts';
import { askRegistry, noAnswers } from './ask-registry.ts';
import { hashing } from './hashing.ts';

/** What `--from` named turned out to be, and what is in it. */
export interface FoundSource {
  /** `a ComfyUI-Manager snapshot` */
  readonly kind: string;
  readonly found: Found;
}

/** How `--from` is read. */
export interface From {
  readonly from: string;
  readonly root: string;
  readonly 'no-hash'?: true;
  readonly offline?: true;
}

/** Reads what `--from` names, file or directory, and asks the registry what it leaves open. Yields the exit code when that failed. */
export async function findSource(around: Around, given: From): Promise<FoundSource | number> {
  const { from, root } = given;
  const path = resolve(around.cwd, from);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    const hash = given['no-hash'] ? {} : { hash: hashing(around) };
    return { kind: 'a ComfyUI directory', found: await readInstallation({ directory: path, root, ...hash }) };
  }
  const source = await readSource(path, from);
  if ('found' in source) return source;
  const isOffline = given.offline ?? saysYes(around.environment['COMFY_OFFLINE']);
  const answers = isOffline ? noAnswers : await askRegistry(questionsOf(source.uses), { around, root, subject: from });
  if (typeof answers === 'number') return answers;
  return { kind: source.kind, found: settleUses(source.uses, answers) };
}

/** What there is when nothing was named. */
export const noSource: FoundSource = { kind: 'nothing', found: nothing };
