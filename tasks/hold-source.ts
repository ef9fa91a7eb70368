import type { HeldPackage, Tools } from '#engine';
import type { Requirement } from './requirement.ts';

/**
 * Brings here what a requirement names by its address, and pins it: the bytes of a file, the commit that a ref is today.
 * Files stay in the store, where whoever fetches them finds them; `into` (absent) is for a checkout.
 */
export async function holdSource(
  source: NonNullable<Requirement['source']>,
  { http, git, store }: Pick<Tools, 'http' | 'git' | 'store'>,
  into: string,
): Promise<HeldPackage> {
  const subdirectory = source.subdirectory === undefined ? {} : { subdirectory: source.subdirectory };
  if (source.kind === 'git') {
    const { repo, ref } = source;
    const pin = await git.resolve({ repo, ...(ref === undefined ? {} : { ref }) });
    const named = pin.ref === pin.commit ? { commit: pin.commit } : pin;
    await git.checkout({ repo, ...named, into });
    return { path: into, pinned: { repo, ...named, ...subdirectory } };
  }
  const { sha256, size } = await http.download({ from: [source.url], to: into });
  const path = store.pathOf(await store.keepFile(into, { sha256, size }));
  const pinned = { url: source.url, sha256, size };
  if (source.kind === 'archive') return { path, pinned: { ...pinned, ...subdirectory } };
  return { path, pinned: { ...pinned, filename: decodeURIComponent(source.url.split('/').at(-1)!.split(/[?#]/)[0]!) } };
}
