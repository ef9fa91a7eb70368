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
  /**
   * Runs `work` while holding `name`, or answers who holds it: a process of this machine at once; any other when it has shown life
   * while it was watched (`onWatch` is told once, before), for what a machine that is lost has left is taken over. `needs` is a text
   * that names what the work will need of the store: while it goes on, `gc` takes nothing of that.
   */
  tryHold<T>(
    name: string,
    work: () => Promise<T>,
    how?: {
      readonly needs?: string;
      readonly signal?: AbortSignal;
      readonly onWatch?: (holder: Holder) => void;
    },
  ): Promise<{ readonly held: true; readonly value: T } | Busy>;
}
