import { Failed } from '#engine';
import { compactRepositoryUrl } from '../git/repository-url.ts';

/** What a person calls a pack, and which version is wanted: `nightly`, an exact one, or (absent) the newest. */
export interface AskedNode {
  readonly by: { readonly id: string } | { readonly repo: string };
  /** One word for it, the same in any case. */
  readonly key: string;
  readonly version?: string;
}

/** `foo`, `foo@1.0.2`, `foo@nightly`, `owner/repo`, a URL of a repository. Throws `usage` for anything else. */
export function askedNode(word: string): AskedNode {
  const [, name = '', version] = /^(.+?)(?:@(nightly|latest|v?\d[^@/]*))?$/i.exec(word) ?? [];
  const wanted = version === undefined || version.toLowerCase() === 'latest' ? {} : { version: exact(version) };
  if (/^[A-Za-z0-9][A-Za-z0-9._ -]{0,127}$/.test(name)) return { by: { id: name }, key: name.toLowerCase(), ...wanted };
  const repo = repositoryOf(name);
  if (repo === undefined)
    throw new Failed({
      kind: 'usage',
      problem: `${JSON.stringify(word)} names no pack`,
      hint: 'write its id in the registry (comfyui-kjnodes@1.0.2), or its repository (owner/repo, or a URL)',
    });
  if (wanted.version !== undefined && wanted.version !== 'nightly')
    throw new Failed({
      kind: 'usage',
      problem: `A repository has no version ${wanted.version}`,
      hint: 'name the pack by its id in the registry, or leave the version out',
    });
  return { by: { repo }, key: compactRepositoryUrl(repo).toLowerCase(), version: 'nightly' };
}

const exact = (version: string): string => version.toLowerCase().replace(/^v(?=\d)/, '');

/** The URL of a repository, as it is or as GitHub's short form says. */
export function repositoryOf(word: string): string | undefined {
  if (/^[\w.-]+\/[\w.-]+$/.test(word)) return `https://github.com/${word}`;
  return /^(?:[a-z][a-z0-9+.-]*:\/\/|[\w.]+@[\w.-]+:)\S+$/i.test(word) ? word : undefined;
}
