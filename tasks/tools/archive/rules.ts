import type { Fault, Limits, Member } from './member.ts';
import { fold, nameFault, shown, withoutSlash } from './names.ts';

const ratio = { most: 200, aboveBytes: 10 * 1024 ** 2 };
const type = { mask: 0o170_000, file: 0o100_000, directory: 0o040_000 };

/** The first reason not to unpack an archive with these members, if there is one. Looks at nothing else. */
export function findFault(members: readonly Member[], limits: Limits): Fault | undefined {
  let bytes = 0;
  let packedBytes = 0;
  for (const [index, member] of members.entries()) {
    bytes += member.size;
    packedBytes += member.packedSize;
    const because =
      nameFault(member.name, limits) ??
      memberFault(member, limits) ??
      (index >= limits.members ? `it is one more than ${limits.members} entries` : undefined) ??
      (bytes > limits.bytes ? `with it, the files are more than ${limits.bytes} bytes` : undefined) ??
      (isBomb(bytes, packedBytes)
        ? `with it, the files are more than ${ratio.most} times their packed size`
        : undefined);
    if (because !== undefined) return { name: member.name, because };
  }
  return findCollision(members, limits);
}

function memberFault(member: Member, limits: Limits): string | undefined {
  const { otherName, mode, size, packedSize, method } = member;
  const named = member.name.endsWith('/');
  const kind = mode & type.mask;
  if (otherName !== undefined) return `it has a second name, ${shown(otherName)}`;
  if (member.isEncrypted) return 'it is encrypted';
  if (member.isHardlink) return 'it is a hard link';
  if (kind === 0o120_000) return 'it is a symbolic link';
  if (kind !== 0 && kind !== type.file && kind !== type.directory) return 'it is neither a file nor a directory';
  if (member.isDirectory !== named) return 'it is a file by its name and a directory by its attributes';
  if (named && size > 0) return 'it is a directory with bytes';
  if (method !== 0 && method !== 8) return `it is packed in an unusual way (method ${method})`;
  if (method === 0 && size !== packedSize) return 'it is stored as it is, in another size';
  if (size > limits.memberBytes) return `it is larger than ${limits.memberBytes} bytes`;
  if (isBomb(size, packedSize)) return `it is more than ${ratio.most} times its packed size`;
  return undefined;
}

const isBomb = (size: number, packedSize: number): boolean => size > ratio.aboveBytes && size > ratio.most * packedSize;

interface Taken {
  readonly path: string;
  readonly isDirectory: boolean;
  /** An entry of its own, not only the parent of one. */
  readonly isMember: boolean;
}

/** Two members that are, or on some file system would be, one path; and directories that together look like a repository. */
function findCollision(members: readonly Member[], limits: Limits): Fault | undefined {
  const taken = new Map<string, Taken>();
  const known = new Set<string>();
  const take = (claim: Taken): string | undefined => {
    const key = fold(claim.path);
    const earlier = taken.get(key);
    taken.set(key, earlier?.isMember ? earlier : claim);
    if (earlier === undefined)
      return taken.size > limits.members
        ? `with it, there are more than ${limits.members} files and directories`
        : undefined;
    if (earlier.path !== claim.path) return `${shown(earlier.path)} differs from it only in case or in Unicode form`;
    if (earlier.isDirectory !== claim.isDirectory) return 'it is a file and a directory';
    return earlier.isMember && claim.isMember ? 'it is there twice' : undefined;
  };
  for (const { name, isDirectory } of members) {
    const path = withoutSlash(name);
    let because = take({ path, isDirectory, isMember: true });
    for (let end = path.lastIndexOf('/'); end > 0 && because === undefined; end = path.lastIndexOf('/', end - 1)) {
      const parent = path.slice(0, end);
      if (known.has(parent)) break;
      known.add(parent);
      because = take({ path: parent, isDirectory: true, isMember: false });
    }
    if (because !== undefined) return { name, because };
  }
  return findBareRepository(taken);
}

function findBareRepository(taken: ReadonlyMap<string, Taken>): Fault | undefined {
  for (const [key, { path, isDirectory }] of taken) {
    if (isDirectory || !/(?:^|\/)HEAD$/.test(key)) continue;
    const parent = key.slice(0, -'HEAD'.length);
    if (taken.get(`${parent}OBJECTS`)?.isDirectory && taken.get(`${parent}REFS`)?.isDirectory)
      return { name: path, because: 'git would take its directory for a repository' };
  }
  return undefined;
}
