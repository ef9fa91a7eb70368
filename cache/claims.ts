/** Who holds a claim, as another process reads it. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
  /** When the holder took it, ISO 8601, by its own clock: for people, never compared. */
  readonly since: string;
}

/** A claim was taken by somebody else. */
export interface Busy {
  readonly held: false;
  readonly by: Holder;
}

/** Claims are leases that save work. Correctness never depends on one: volumes lie about locks. */
export interface Claims {
  /** Runs `work` while holding `name`, after waiting for whoever holds it now (or for their lease to stand still). */
  hold<T>(name: string, work: () => Promise<T>, how?: { readonly signal?: AbortSignal }): Promise<T>;
  /** Runs `work` while holding `name`, or answers at once who holds it. */
  tryHold<T>(name: string, work: () => Promise<T>): Promise<{ readonly held: true; readonly value: T } | Busy>;
}
