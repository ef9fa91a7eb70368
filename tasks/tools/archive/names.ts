const most = { depth: 64, segmentBytes: 255, pathBytes: 1024 };

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for.
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/**
 * What is wrong with the name of an entry, if anything; said of "it". `gitFile` lets a file `.git` through: a wheel that
 * was built from a submodule has one, its hash is pinned, and nobody runs git among installed packages.
 */
export function nameFault(name: string, { gitFile }: { readonly gitFile: boolean }): string | undefined {
  if (name === '') return 'it has no name';
  if (control.test(name)) return 'its name holds a control character';
  if (!name.isWellFormed() || name.includes('\ufffd')) return 'its name is not valid UTF-8';
  if (name.includes('\\')) return 'its name holds a backslash';
  if (name.startsWith('/')) return 'its path is absolute';
  if (/^[a-z]:/i.test(name)) return 'its path starts with a drive';
  if (Buffer.byteLength(name) > most.pathBytes) return `its path is longer than ${most.pathBytes} bytes`;
  const segments = withoutSlash(name).split('/');
  if (segments.length > most.depth) return `it is deeper than ${most.depth} directories`;
  for (const [index, segment] of segments.entries()) {
    if (gitFile && segment === '.git' && index === segments.length - 1 && !name.endsWith('/')) continue;
    const fault = segmentFault(segment);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function segmentFault(segment: string): string | undefined {
  if (segment === '' || segment === '.' || segment === '..') return `its path holds "${segment}"`;
  if (Buffer.byteLength(segment) > most.segmentBytes) return `its name is longer than ${most.segmentBytes} bytes`;
  const name = bare(segment);
  if (name === '.GIT' || /^GIT~\d+$/.test(name)) return 'git would take it for a repository of its own';
  if (name === '.TRACKING') return 'Manager would take it for its own list of files';
  if (name === '.PIPELINE') return 'pipeline would take it for its own records';
  return undefined;
}

/** Two names with equal folds are one file on some file system. Lower case first: upper case alone keeps `ẞ` and `ß` apart. */
export const fold = (name: string): string => name.normalize('NFC').toLowerCase().toUpperCase().normalize('NFC');

/** A name from outside, safe to show: what no terminal should obey is spelled out, and it fits on a line. */
export const shown = (name: string): string =>
  name
    .slice(0, 200)
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);

/** The path of an entry, without the slash that marks a directory. */
export const withoutSlash = (name: string): string => (name.endsWith('/') ? name.slice(0, -1) : name);

/** HFS+ reads past these characters; NTFS past a stream's name and past dots and spaces at the end. */
const bare = (segment: string): string =>
  fold(segment.replaceAll(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, ''))
    .replace(/:.*$/, '')
    .replace(/[. ]+$/, '');
