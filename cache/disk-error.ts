/** A fault in the form in which Node reports the disk's own: with its `code` and the `path` it is about. */
export const diskError = (code: string, path: string, problem: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${code}: ${problem}, '${path}'`), { code, path });

/** The code of what was thrown (`ENOENT`), or nothing when it does not come from the operating system. */
export const codeOf = (thrown: unknown): string | undefined =>
  thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined;

/** The same fault, naming `path`: calls on a descriptor report a code alone. */
export function withPath(thrown: unknown, path: string): unknown {
  if (codeOf(thrown) !== undefined && !('path' in (thrown as Error))) Object.assign(thrown as Error, { path });
  return thrown;
}

/** Does `work` for its effect where failing costs time only: a fingerprint that is not written, a leftover that stays. */
export function bestEffort(work: () => void): void {
  try {
    work();
  } catch {
    // Said nowhere: whoever needs what is missing makes it again.
  }
}
