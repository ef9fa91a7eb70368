/** What was answered to a question, with the question beside it. Survives JSON. */
export interface Answer {
  readonly key: string;
  readonly task: string;
  /** The canonical input: what `pipeline why` compares. */
  readonly input: unknown;
  readonly output: unknown;
  /** When it was built, ISO 8601, UTC. */
  readonly at: string;
  /** How long it took, in milliseconds. */
  readonly ms: number;
}

/** Key -> answer. A fault of the cache is a miss, said once; it never fails a build. */
export interface Results {
  lookup(key: string): Answer | undefined | Promise<Answer | undefined>;
  save(answer: Answer): void | Promise<void>;
}
