import { hexOf } from '#cache';
import type { HeldPackage, Tools } from '#engine';
import { fetchPinned } from './pinned-file.ts';
import type { Requirement } from './requirement.ts';
import type { Wheel } from './wheel.ts';

type Source = NonNullable<Requirement['source']>;
type Way = { readonly before: readonly Wheel[]; readonly into: string; readonly tools: Tools };

/**
 * Brings here what a requirement names by its address, and pins it: the bytes of a file, the commit that a ref is today.
 * What was pinned `before` stays: the commit of the same branch, the bytes of the same address. `into` is absent.
 */
export async function holdSource(source: Source, way: Way): Promise<HeldPackage> {
  const within = source.subdirectory === undefined ? {} : { subdirectory: source.subdirectory };
  if (source.kind === 'git') return holdCommit(source, within, way);
  const { path, ...pinned } = await holdFile(source.url, way);
  if (source.kind === 'archive') return { path, pinned: { ...pinned, ...within } };
  const filename = decodeURIComponent(source.url.split(/[?#]/)[0]!.split('/').at(-1)!);
  return { path, pinned: { ...pinned, filename } };
}

interface Within {
  readonly subdirectory?: string;
}

async function holdCommit(
  { repo, ref }: Extract<Source, { kind: 'git' }>,
  within: Within,
  { before, into, tools: { git } }: Way,
): Promise<HeldPackage> {
  const today = await git.resolve({ repo, ...(ref === undefined ? {} : { ref }) });
  const sources = before.flatMap((one) => (one.kind === 'git' ? one.source : []));
  const known = sources.find((one) => one.repo === repo && one.ref === today.ref);
  const commit = known?.commit ?? today.commit;
  // Who names a commit means no branch.
  const pinned = { commit, ...(today.ref === today.commit ? {} : { ref: today.ref }) };
  await git.checkout({ repo, into, ...pinned });
  return { path: into, pinned: { repo, ...pinned, ...within } };
}

/** The file stays in the store, where whoever realizes finds it. */
async function holdFile(url: string, { before, into, tools }: Way) {
  const files = before.flatMap((one) => (one.kind === 'archive' ? one.source : one.kind === 'git' ? [] : one));
  const known = files.find((one) => one.url === url);
  const { store, http } = tools;
  if (known !== undefined) {
    const size = known.size === undefined ? {} : { size: known.size };
    const path = store.pathOf(await fetchPinned({ sources: [known.url], sha256: known.sha256, ...size }, tools));
    return { path, url, sha256: known.sha256, ...size };
  }
  const { sha256, size } = await http.download({ from: [url], to: into });
  const blob = await store.keepFile(into, { sha256, size });
  return { path: store.pathOf(blob), url, sha256: hexOf(blob), size };
}
