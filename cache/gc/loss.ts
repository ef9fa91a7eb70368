import { codeOf } from '../disk-error.ts';

/**
 * Tells of what was thrown whether it says that an object of the store at `root` (absolute) is gone: somebody took it after it
 * was proven.
 */
export const lossIn =
  (root: string) =>
  (thrown: unknown): boolean => {
    for (let error = thrown; error instanceof Error; error = error.cause) {
      const { path } = error as NodeJS.ErrnoException;
      const isBelow = ['blobs', 'trees'].some((kind) => path?.startsWith(`${root}/${kind}/`));
      if (codeOf(error) === 'ENOENT' && isBelow) return true;
    }
    return false;
  };
