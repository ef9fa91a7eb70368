import { parseWheelName } from './wheel-name.ts';

/** Where a package comes from besides an index. `ref` is a branch, a tag or a commit; none is the default branch. */
export type RequirementSource =
  | { readonly kind: 'wheel' | 'archive'; readonly url: string; readonly subdirectory?: string }
  | { readonly kind: 'git'; readonly repo: string; readonly ref?: string; readonly subdirectory?: string };

/** What a URL of a requirement leads to, with what it says of the name and the hash; or why it is not followed. */
type Found =
  | { readonly source: RequirementSource; readonly name?: string; readonly sha256?: string }
  | { readonly because: string };

/** The source behind the URL of a requirement: a wheel, a source archive, or a git repository. */
export function sourceOf(url: string): Found {
  const [, git, rest = url] = /^(git\+)?(.*)$/s.exec(url) ?? [];
  const parsed = /^(?:https?|ssh):/.test(rest) ? URL.parse(rest) : null;
  if (parsed === null) return { because: 'it is not a package of an index, and nothing on a server' };
  const { username, password, protocol } = parsed;
  if (password !== '' || (username !== '' && protocol !== 'ssh:'))
    return { because: 'it holds credentials, which would be written down' };
  const said = new URLSearchParams(parsed.hash.slice(1));
  parsed.hash = '';
  const inside = said.get('subdirectory')?.replace(/\/+$/, '') ?? '';
  if (inside.split('/').includes('..') || inside.startsWith('/')) return { because: 'its directory is outside of it' };
  const subdirectory = inside === '' ? {} : { subdirectory: inside };
  const egg = said.get('egg')?.replace(/\[.*$/, '');
  const called = egg ? { name: egg } : {};
  if (git !== undefined) return { ...called, source: { kind: 'git', ...refIn(parsed), ...subdirectory } };
  if (protocol === 'ssh:') return { because: 'only git is asked for something over ssh' };
  const file = decodeURIComponent(parsed.pathname.split('/').at(-1) ?? '');
  const sha256 = /^[0-9a-f]{64}$/i.exec(said.get('sha256') ?? '')?.[0].toLowerCase();
  const hash = sha256 === undefined ? {} : { sha256 };
  if (file.endsWith('.whl'))
    return { name: parseWheelName(file).name, ...hash, source: { kind: 'wheel', url: parsed.href } };
  if (!/\.(?:tar\.gz|tgz|tar\.bz2|tar\.xz|zip)$/.test(file))
    return { because: 'it is neither a wheel nor a source archive' };
  return { ...called, ...hash, source: { kind: 'archive', url: parsed.href, ...subdirectory } };
}

/** `https://host/x.git@v1`: the last `@` of the path begins a ref. */
function refIn(url: URL): { readonly repo: string; readonly ref?: string } {
  const [, path = url.pathname, ref] = /^(.*?)@([^@]+)$/.exec(url.pathname) ?? [];
  const repo = new URL(url);
  repo.pathname = path;
  repo.search = '';
  return { repo: repo.href, ...(ref === undefined ? {} : { ref: decodeURIComponent(ref) }) };
}
