import { lstatSync, mkdirSync, readlinkSync, realpathSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

import { type Blob, hexOf, type KnownHashes } from '#cache';
import type { Library, LibraryEntry } from '#engine';

interface Places {
  /** MODELS_DIR. */
  readonly directory: string;
  readonly target: string;
  readonly pathOf: (blob: Blob) => string;
  readonly hashes?: Pick<KnownHashes, 'recall'>;
}

/** MODELS_DIR: models of every version, for whoever looks there. We only add to it; what stands there is the user's. */
export function openLibrary({ directory, target, pathOf, hashes }: Places): Library {
  const within = relative(target, directory);
  const ownModels = within === 'models';
  const isBehindLink = !ownModels && leadsTo(join(target, 'models'), directory);

  /** Whether something of that name is there: a link of ours, or what the user put. */
  const occupied = ({ path }: LibraryEntry): boolean =>
    lstatSync(join(directory, path), { throwIfNoEntry: false }) !== undefined;

  const linkFor = ({ path, blob }: LibraryEntry): string => {
    // Relative to where the link really stands: its parents may be links themselves.
    const parent = realpathSync(dirname(join(directory, path)));
    return relative(parent, join(realpathSync(dirname(pathOf(blob))), pathOf(blob).split('/').at(-1)!));
  };

  const isOurs = (entry: LibraryEntry): boolean => {
    const at = join(directory, entry.path);
    return (lstatSync(at).isSymbolicLink() && readlinkSync(at) === linkFor(entry)) || isSameModel(at, entry);
  };

  /** Whether a file of the user's is the model: the store shares it, or it was read and found to be. */
  const isSameModel = (at: string, { blob }: LibraryEntry): boolean => {
    const [theirs, ours] = [at, pathOf(blob)].map((path) => statSync(path, { throwIfNoEntry: false }));
    if (theirs === undefined || ours === undefined || theirs.size !== ours.size) return false;
    return (theirs.ino === ours.ino && theirs.dev === ours.dev) || hashes?.recall(realpathSync(at)) === hexOf(blob);
  };

  return {
    fromTarget: ownModels ? undefined : within,
    isBehindLink,
    show(models) {
      if (ownModels) return [];
      return models
        .filter((entry) => {
          const at = join(directory, entry.path);
          if (occupied(entry)) return !isOurs(entry);
          mkdirSync(dirname(at), { recursive: true });
          symlinkSync(linkFor(entry), at);
          return false;
        })
        .map(({ path }) => path);
    },
    shows: (models) => ownModels || models.every((entry) => occupied(entry) && (!isBehindLink || isOurs(entry))),
  };
}

/** Whether a symbolic link leads to a directory, which may still be to be made. */
function leadsTo(link: string, directory: string): boolean {
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return false;
  return realPathOf(link) === realPathOf(directory);
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
