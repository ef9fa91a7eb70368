/** A git commit (40) or a SHA-256 (64): everything that things in a cache are named by. */
const word = /(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{40})(?![0-9a-f])/g;

/** The names that a text holds, wherever they stand in it: digests, commits, keys. */
export const wordsOf = (text: string): readonly string[] => text.match(word) ?? [];
