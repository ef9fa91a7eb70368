import { isAbsolute, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import * as z from 'zod/mini';

import { GitUrl, LocalPath, SourceUrl } from '../../tasks/vocabulary.ts';

import { addWarning, check, type Findings, type Place } from './findings.ts';

const isLocal = (text: string): boolean => text.startsWith('./') || text.startsWith('../');

/** One of two schemas: a path of this project, or else a URL. */
const localOr = (url: z.ZodMiniType<string>) =>
  z.string().check(({ value, issues }) => {
    const result = (isLocal(value) ? LocalPath : url).safeParse(value);
    for (const { message } of result.error?.issues ?? []) issues.push({ code: 'custom', message, input: value });
  });

/** A git repository as documents spell it: a URL, or a path relative to the project root. */
export type GitSource = z.infer<typeof GitSource>;
export const GitSource = localOr(GitUrl).brand<'GitSource'>();

/** Where a file comes from as documents spell it: a URL, or a path relative to the project root. */
export type FileSource = z.infer<typeof FileSource>;
export const FileSource = localOr(SourceUrl).brand<'FileSource'>();

/** What a person is told of a path that leads out of the project. */
export const outside = 'Lies outside the project, so other machines do not find it';

/** Checks a source in its portable spelling, and warns when it is out of other people's reach. */
export function readSource<S extends z.ZodMiniType<string>>(
  schema: S,
  source: string,
  place: Place,
  findings: Findings,
): z.output<S> | undefined {
  const read = check(schema, source, place, findings);
  if (read?.startsWith('file:')) addWarning(findings, place, outside);
  return read;
}

/** The source of a file that the directory of models must hold already, at this path below it. */
export const inModels = (path: string): FileSource =>
  FileSource.parse(`models://${path.split('/').map(encodeURIComponent).join('/')}`);

/** The path below the directory of models that such a source names; undefined for any other source. */
export function pathInModels(source: string): string | undefined {
  const isOne = source.startsWith('models://') && SourceUrl.safeParse(source).success;
  return isOne ? decodeURIComponent(source.slice('models://'.length)) : undefined;
}

/** What documents spell, as tasks need it: a path of the project becomes a `file://` URL, anything else stays. */
export const anchored = (root: string, source: string): string =>
  isLocal(source) ? pathToFileURL(resolve(root, source)).href : source;

/**
 * The spelling that is the same on every machine: what lies below `root`, or was written relative to it, becomes `./x` or
 * `../x`, another path of this machine a `file://` URL. URLs of other kinds, and what is no path, stay.
 */
export function portable(root: string, text: string): string {
  const path = pathIn(text);
  if (path === undefined) return text;
  const written = relative(root, resolve(root, path)).split(sep).join('/');
  if (written !== '..' && !written.startsWith('../')) return `./${written}`;
  return isAbsolute(path) ? pathToFileURL(path).href : written;
}

function pathIn(text: string): string | undefined {
  if (!/^[a-z][\da-z+.-]*:\/\//i.test(text)) return text.startsWith('~') ? undefined : text;
  try {
    return fileURLToPath(text);
  } catch {
    return undefined;
  }
}

/** The model version that a source of Civitai means, and its query. */
const civitaiVersion =
  /^(?:civitai:\/\/(?:models|api\/download\/models)|https?:\/\/civitai\.com\/api\/download\/models)\/(\d+)\/?(?:\?([^#]*))?$/;

/** What is wrong with a source that has the scheme of a service, and names nothing there. */
export function serviceFault(source: string): string | undefined {
  const [, scheme] = /^(\w+):/.exec(source) ?? [];
  if ((scheme === 'hf' || scheme === 'huggingface') && hubFileOf(source) === undefined)
    return 'Names no file of a repository: write hf://organisation/repository@revision/path';
  if (scheme === 'civitai' && !civitaiVersion.test(source))
    return 'Names no model version: write civitai://models/<number>';
  if (scheme === 'gs' && !/^gs:\/\/[^/]+\/[^/]/.test(source)) return 'Names no object: write gs://bucket/path';
  return undefined;
}

/** What a model's source points at: equal for two spellings of one file, such as `hf://` and the URL it stands for. */
export function identityOf(source: string): string {
  const file = hubFileOf(source);
  if (file) return `hf ${file.repository} ${decoded(file.revision)} ${decoded(file.path)}`;
  const civitai = civitaiVersion.exec(source);
  if (civitai)
    return `civitai ${civitai[1]} ${new URLSearchParams(civitai[2]).toString().split('&').toSorted().join('&')}`;
  return URL.parse(source)?.href ?? source;
}

/** Whether a source means a file of Hugging Face at a commit: the same bytes for ever. */
export const isExact = (source: string): boolean => /^[0-9a-f]{40}$/.test(hubFileOf(source)?.revision ?? '');

/** The file of Hugging Face that a source means. `datasets/` and `spaces/` belong to the repository. */
function hubFileOf(source: string) {
  const short =
    /^(?:hf|huggingface):\/\/((?:(?:datasets|spaces)\/)?[^/@]+\/[^/@]+)(?:@([^/]+))?\/([^?#]+)(?:\?([^#]*))?/.exec(
      source,
    );
  const query = new URLSearchParams(short?.[4]);
  const revision = short?.[2] ?? query.get('rev') ?? query.get('revision') ?? 'main';
  if (short) return { repository: short[1]!, revision, path: short[3]! };
  const page =
    /^https?:\/\/huggingface\.co\/((?:(?:datasets|spaces)\/)?[^/]+\/[^/]+)\/resolve\/(refs\/(?:convert|pr)\/[^/]+|[^/]+)\/([^?#]+)/.exec(
      source,
    );
  return page ? { repository: page[1]!, revision: page[2]!, path: page[3]! } : undefined;
}

/** Text with its `%20` and the like decoded, where they are valid. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A source without the query parameters that are secrets; tokens come from the environment. */
export function withoutSecrets(source: string): string {
  const [base = '', query] = source.split(/\?(.*)/s);
  const kept = query?.split('&').filter((field) => !/^(?:access_?|auth_?|api_?)?(?:token|key)=/i.test(field));
  return kept === undefined || kept.length === 0 ? base : `${base}?${kept.join('&')}`;
}

/** One repository under its many spellings: `owner/repo` in lower case on GitHub, elsewhere the URL without `.git`. */
export function repositoryOf(source: string): string {
  const bare = source.replace(/\/+$/, '').replace(/\.git$/i, '');
  const hosted = /^(?:https?:\/\/|ssh:\/\/(?:[^@/]+@)?|[^@/]+@)(?:www\.)?github\.com[/:]+([^/]+\/[^/]+)$/i.exec(bare);
  return hosted?.[1]?.toLowerCase() ?? bare;
}
