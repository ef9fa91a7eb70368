/**
 * Shares one flush among everybody who asks before it starts. Who asks while one runs shares the next: the running one may
 * have passed their bytes already.
 */
export function groupCommit(flush: () => Promise<void>): () => Promise<void> {
  let last = Promise.resolve();
  let waiting: Promise<void> | undefined;
  return () => {
    waiting ??= last = last
      .catch(() => undefined)
      .then(() => {
        waiting = undefined;
        return flush();
      });
    return waiting;
  };
}
