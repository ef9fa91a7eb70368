import { sha256Of } from '#cache';
import { Failed, type Http, toFailure } from '#engine';

import { redactUrl } from '../redact.ts';
import { patiently } from './catalogue.ts';
import type { ListedFile } from './index-page.ts';
import { type Metadata, parseMetadata } from './metadata.ts';
import { readWheelMetadata } from './remote-wheel.ts';

/**
 * What a listed wheel says of itself: from the file beside it, else out of its last bytes, else out of the `whole` of it on this
 * machine. Throws `refused` when it says nothing that can be read.
 */
export async function metadataOf(
  file: ListedFile,
  {
    http,
    whole,
  }: { readonly http: Pick<Http, 'read'>; readonly whole: (file: ListedFile) => Promise<{ readonly path: string }> },
): Promise<Metadata> {
  const text = (await beside(file, http)) ?? (await within(file.reach, http).catch(onlyWhole));
  const called = redactUrl(file.url);
  return text === undefined ? metadataIn((await whole(file)).path, http, called) : parsed(text, called);
}

/** What a wheel of this machine says of itself; `called` names it in the refusal when it says nothing that can be read. */
export async function metadataIn(path: string, http: Pick<Http, 'read'>, called: string): Promise<Metadata> {
  return parsed(await within(path, http).catch((error: unknown) => unreadable(error, called)), called);
}

/** What a text says that stands for METADATA. */
export function parsed(text: string, called: string): Metadata {
  try {
    return parseMetadata(text);
  } catch (error) {
    return unreadable(error, called);
  }
}

function unreadable(error: unknown, called: string): never {
  if (!(error instanceof SyntaxError)) throw error;
  throw new Failed({ kind: 'refused', what: called, because: `its METADATA cannot be read (${error.message})` });
}

async function beside({ reach, metadata }: ListedFile, http: Pick<Http, 'read'>): Promise<string | undefined> {
  if (metadata === undefined) return undefined;
  try {
    const { bytes } = await patiently(() => http.read(`${reach}.metadata`));
    return metadata.sha256 === undefined || metadata.sha256 === sha256Of(bytes) ? bytes.toString() : undefined;
  } catch (error) {
    // A mirror may promise what only the original has.
    const failure = toFailure(error);
    if (failure.kind === 'network' && failure.status !== undefined) return undefined;
    throw error;
  }
}

const within = (source: string, http: Pick<Http, 'read'>): Promise<string> =>
  readWheelMetadata((at, length) => patiently(() => http.read(source, { part: { at, length } })));

/** Not every server hands out parts of files, and not every wheel is packed in the usual order. */
function onlyWhole(error: unknown): undefined {
  const failure = toFailure(error);
  if (error instanceof SyntaxError || (failure.kind === 'network' && !failure.transient)) return undefined;
  throw error;
}
