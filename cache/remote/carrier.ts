/** What a server answered. `size` is the object's, in bytes, where the server says it. */
export interface Told {
  readonly status: number;
  readonly size?: number;
}

/** What is done with an object as it comes. Whatever it throws ends the exchange and comes out of it. */
export interface Taker {
  /** Before the first byte of an object that is there. */
  head(told: Told): void;
  data(chunk: Uint8Array): void;
}

/** What is sent: `size` bytes. `open` answers those from `start` up to `end`; it is asked for each once, in order. */
export interface Cargo {
  readonly size: number;
  readonly open: (start: number, end: number) => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/**
 * Carries objects to and from a place outside, by their paths: `cas/<sha256>`. It knows nothing of what they are. Methods
 * answer whatever the server says, and reject when it says nothing, or not all of it.
 */
export interface Carrier {
  /** Where it carries, for people: a host, a bucket. */
  readonly place: string;
  head(path: string, signal: AbortSignal): Promise<Told>;
  get(path: string, taker: Taker, signal: AbortSignal): Promise<Told>;
  put(path: string, cargo: Cargo, signal: AbortSignal): Promise<Told>;
}

/** A text as it is sent. */
export function cargoOf(text: string): Cargo {
  const bytes = Buffer.from(text);
  return { size: bytes.length, open: (start, end) => [bytes.subarray(start, end)] };
}
