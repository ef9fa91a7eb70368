import type { TarHeader } from 'modern-tar';

import { checkedFile } from './checked-file.ts';
import { byPath } from './manifest.ts';

/** Where the bytes of a member are: in a file that must still hash to `sha256`, or here. */
export type TarSource = { readonly file: string; readonly sha256: string } | { readonly text: Uint8Array };

/** One member of a tar. `size` is in bytes; `owner` is user and group, 0 when nothing is said; directories have mode 0755. */
export type TarEntry = { readonly path: string; readonly owner?: number } & (
  | { readonly type: 'file'; readonly mode: number; readonly size: number; readonly from: TarSource }
  | { readonly type: 'link'; readonly to: string }
  | { readonly type: 'directory' }
);

/** A member as it is read. */
export type TarMember = { readonly path: string } & (
  | { readonly type: 'file'; readonly mode: number; readonly size: number }
  | { readonly type: 'link'; readonly to: string }
  | { readonly type: 'directory' }
);

/** What a tar that is read may come to. */
export interface TarLimits {
  /** Of all files together. */
  readonly mostBytes: number;
  readonly mostMembers?: number;
}

/**
 * The bytes of a tar with these members, sorted by path, of one time (0): the same content gives the same bytes everywhere.
 * Long names and link targets are written as POSIX has it (pax). Throws the disk's faults, and `EIO` for a file that is no
 * longer what its entry says. Who stops reading ends it.
 */
export async function* writeTar(entries: readonly TarEntry[]): AsyncGenerator<Uint8Array, void> {
  const { createTarPacker } = await import('modern-tar');
  const { readable, controller } = createTarPacker();
  const writing = (async () => {
    for (const entry of entries.toSorted(byPath)) {
      const member = controller.add(headerOf(entry)).getWriter();
      if (entry.type === 'file') for await (const chunk of bytesOf(entry)) await member.write(chunk);
      await member.close();
    }
    controller.finalize();
  })().catch((error: unknown) => controller.error(error));
  yield* inBlocks(readable);
  await writing;
}

/** Whoever packs or hashes does so piece by piece, and most pieces of a tar are a header or a padding. */
const blockBytes = 256 * 1024;

/** The same bytes in pieces that are worth a call. */
async function* inBlocks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let gathered: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    gathered.push(chunk);
    if ((bytes += chunk.length) < blockBytes) continue;
    yield gathered.length === 1 ? chunk : Buffer.concat(gathered, bytes);
    [gathered, bytes] = [[], 0];
  }
  if (bytes > 0) yield Buffer.concat(gathered, bytes);
}

/**
 * Reads a tar, and hands every member over before the next. Throws a SyntaxError on anything but files, links and directories
 * with plain relative names, each once and none below a file or a link, and where the tar is cut, damaged, or beyond `limits`.
 * Owners and times are not read; of modes only who may run a file.
 */
export async function readTar(
  source: AsyncIterable<Uint8Array>,
  { mostBytes, mostMembers = 2_000_000 }: TarLimits,
  take: (member: TarMember, bytes: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<void> {
  const { createTarDecoder } = await import('modern-tar');
  const { readable, writable } = createTarDecoder({ strict: true });
  const feeding = feed(source, writable.getWriter());
  const place = openPlace();
  let bytes = 0;
  let members = 0;
  try {
    for await (const { header, body } of readable) {
      const member = memberOf(header);
      bytes += member.type === 'file' ? member.size : 0;
      if (++members > mostMembers || bytes > mostBytes) throw broken('it holds more than it was to hold');
      place(member);
      await take(member, body);
      if (!body.locked) await body.cancel();
    }
  } finally {
    // Where the reader gave up, its reason is the one that counts.
    await feeding.catch(() => undefined);
  }
  await feeding;
}

/** The names of everything in a tar, whatever it is: nothing is laid out by them. Throws where it is cut or damaged. */
export async function* namesInTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const { createTarDecoder } = await import('modern-tar');
  const { readable, writable } = createTarDecoder({ strict: true });
  const feeding = feed(source, writable.getWriter());
  // Who is not waited for yet must not count as nobody's.
  feeding.catch(() => undefined);
  for await (const { header, body } of readable) {
    yield header.name;
    await body.cancel();
  }
  await feeding;
}

async function feed(source: AsyncIterable<Uint8Array>, into: WritableStreamDefaultWriter<Uint8Array>): Promise<void> {
  try {
    for await (const chunk of source) await into.write(chunk);
    await into.close();
  } catch (error) {
    await into.abort(error).catch(() => undefined);
    throw error;
  }
}

function headerOf(entry: TarEntry): TarHeader {
  const owner = entry.owner ?? 0;
  const common = { name: entry.path, uid: owner, gid: owner, mtime: new Date(0), size: 0 };
  switch (entry.type) {
    case 'file':
      return { ...common, type: 'file', mode: entry.mode, size: entry.size };
    case 'link':
      return { ...common, type: 'symlink', mode: 0o777, linkname: entry.to };
    case 'directory':
      return { ...common, type: 'directory', mode: 0o755, name: `${entry.path}/` };
  }
}

const bytesOf = ({
  from,
  size,
}: Extract<TarEntry, { type: 'file' }>): Iterable<Uint8Array> | AsyncIterable<Uint8Array> =>
  'text' in from ? [from.text] : checkedFile(from.file, { sha256: from.sha256, size })();

function memberOf({ type, name, linkname, mode = 0, size }: TarHeader): TarMember {
  const path = type === 'directory' ? name.replace(/\/$/, '') : name;
  if (path.includes('\0') || path.includes('\uFFFD') || path.split('/').some((part) => ['', '.', '..'].includes(part)))
    throw broken(`${JSON.stringify(name)} is no name below a directory`);
  if (type === 'file') return { type, path, mode: mode & 0o100 ? 0o755 : 0o644, size };
  if (type === 'directory') return { type, path };
  if (type === 'symlink' && linkname) return { type: 'link', path, to: linkname };
  throw broken(`${JSON.stringify(name)} is neither a file, a directory nor a link`);
}

/** Answers nothing for a member that can be where it says, beside those before it. */
function openPlace(): (member: TarMember) => void {
  const found = new Map<string, TarMember['type']>();
  return ({ path, type }) => {
    const before = found.get(path);
    if (before !== undefined && !(before === 'directory' && type === 'directory'))
      throw broken(`${JSON.stringify(path)} is in it twice`);
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const parent = path.slice(0, end);
      const there = found.get(parent);
      if (there === 'directory') break;
      if (there !== undefined) throw broken(`${JSON.stringify(path)} is below a file or a link`);
      found.set(parent, 'directory');
    }
    found.set(path, type);
  };
}

const broken = (because: string): SyntaxError => new SyntaxError(`The tar is refused: ${because}`);
