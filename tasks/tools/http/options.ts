import type { Partials } from '#cache';

import type { Connections } from './connections.ts';
import type { Patience } from './exchange.ts';
import type { Lender } from './lend.ts';
import type { Endpoints, Tokens } from './source.ts';

/** What the tool is opened with. */
export interface HttpOptions {
  readonly offline: boolean;
  readonly signal: AbortSignal;
  /** Sent to their endpoint's origin and nowhere else. */
  readonly tokens: Tokens;
  readonly endpoints: Endpoints;
  readonly onProgress?: (done: number, total: number | undefined) => void;
  /** Bytes that came over the network. */
  readonly onFetched?: (bytes: number) => void;
  /** The local file that stands in for a source, asked first. */
  readonly localSource?: (source: string) => Promise<string | undefined>;
  /** Whoever may copy out of buckets where we may not. */
  readonly lender?: Lender;
  /** Where files stay that are not whole when a run ends. */
  readonly partials?: Partials;
  /** The connections that there may be; else those of this process. */
  readonly connections?: Connections;
  /** From so many bytes on, a file is fetched in parts side by side. */
  readonly leastSpread?: number;
  readonly patience?: Patience;
  /** How to let time pass before a broken transfer is taken up again. */
  readonly wait?: (ms: number) => Promise<void>;
}

const usualPatience: Patience = { headMs: 30_000, bodyMs: 30_000 };

/** When a request ends, and how long it may take. */
export interface Asking {
  readonly signal: AbortSignal;
  readonly patience: Patience;
}

/** What every request needs to know. */
export const askingOf = ({ signal, patience = usualPatience }: HttpOptions): Asking => ({ signal, patience });
