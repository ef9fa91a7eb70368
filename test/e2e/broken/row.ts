/** A document that is broken, and every word that a person must read. */
export interface Row {
  readonly what: string;
  /** Files of the project by their paths: text and bytes as they are, anything else as JSON. */
  readonly files: Readonly<Record<string, unknown>>;
  /** The command line; `validate x` unless it is said. */
  readonly args?: readonly string[];
  /** What stands on stderr after `error: `. */
  readonly says: string;
}

export const repo = 'https://git.invalid/core';
export const commit = 'c'.repeat(40);
export const sha256 = 'a'.repeat(64);

/** A version of generation 2 that is good, but for what is given. */
export const version = (change: object) => ({
  'versions/x.json': { schema_version: 2, version_id: 'x', comfy: { repo, commit }, ...change },
});
