import { sha256Of } from '#cache';

const scheme = /^([a-z][a-z0-9+.-]*):\/\//i;
const userinfoOfUrl = /^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i;
const userinfoOfScp = /^[^/:@]+@(?=[^/:]+:)/;
const gitHub = /^(?:(?:https?|ssh|git):\/\/(?:www\.)?github\.com(?::\d+)?\/|github\.com:\/?)([^/]+)\/([^/]+)$/i;

/** `owner/repo` of a repository on GitHub, however its URL is written; elsewhere the whole URL without its userinfo. */
export function compactRepositoryUrl(url: string): string {
  const bare = url.trim().replace(userinfoOfUrl, '$1').replace(userinfoOfScp, '');
  const [, owner, repository] = gitHub.exec(trimmed(bare)) ?? [];
  return owner === undefined || repository === undefined ? bare : `${owner}/${repository}`;
}

/**
 * The directory name of a repository's mirror: readable, and different for different repositories.
 * `https://Example.org/a/b.git/` and `https://example.org/a/b` share one.
 */
export function mirrorName(url: string, objectFormat: 'sha1' | 'sha256'): string {
  const normal = trimmed(url).replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, (start) => start.toLowerCase());
  const readable = normal
    .replace(userinfoOfUrl, '$1')
    .split(/[/:]+/)
    .slice(scheme.test(normal) ? 1 : 0)
    .slice(-2)
    .join('-')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(-60);
  const identity = objectFormat === 'sha1' ? normal : `${objectFormat} ${normal}`;
  return `${readable || 'repository'}-${sha256Of(identity).slice(0, 12)}.git`;
}

const trimmed = (url: string): string =>
  url
    .trim()
    .replace(/[?#].*$/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/i, '')
    .replace(/\/+$/, '');
