import type { Told } from './carrier.ts';

/** What is asked of a remote. One that only lets itself be read is still read. */
export type Way = 'read' | 'write';

/** Ends what costs more than it brings: a remote that fails is left alone for the rest of the run. Everything is said once. */
export interface Breaker {
  /** Whether this way is still tried. */
  readonly isOpen: (way: Way) => boolean;
  /**
   * One exchange. Answers what the server told when it did what it was asked to, `absent` when it has no such thing, and
   * nothing for any failure, a wrong answer among them: those are thrown by `exchange`.
   */
  readonly attempt: (way: Way, exchange: () => Promise<Told>) => Promise<Told | 'absent' | undefined>;
  /** Tries a way no more. */
  readonly close: (way: Way, because: string) => void;
  /** Says something of the remote, once. */
  readonly say: (text: string) => void;
}

/** Failures in a row after which a way is tried no more. */
const mostFailures = 3;
/** Milliseconds that failures may take in all. */
const mostWastedMs = 60_000;

/** A breaker for the remote at `place`. What fails because the run was stopped is nobody's fault. */
export function openBreaker(place: string, warn: (text: string) => void, signal: AbortSignal): Breaker {
  const said = new Set<string>();
  const closed = new Set<Way>();
  const failures = { read: 0, write: 0 };
  let wastedMs = 0;
  const say = (text: string): void => {
    if (!said.has(text)) warn(`The remote cache at ${place} ${text}`);
    said.add(text);
  };
  const close = (way: Way, because: string): void => {
    if (!closed.has(way)) say(`is not ${way === 'read' ? 'read' : 'written'} any more in this run: ${because}`);
    closed.add(way);
  };
  const fail = (way: Way, because: string, tookMs: number): undefined => {
    wastedMs += tookMs;
    if (++failures[way] >= mostFailures || wastedMs >= mostWastedMs) close(way, because);
    else say(`fails, which counts as a miss: ${because}`);
  };
  return {
    isOpen: (way) => !closed.has(way),
    close,
    say,
    async attempt(way, exchange) {
      if (closed.has(way) || signal.aborted) return undefined;
      const began = performance.now();
      try {
        const told = await exchange();
        switch (verdictOn(told.status)) {
          case 'good':
            failures[way] = 0;
            return told;
          case 'absent':
            failures[way] = 0;
            return 'absent';
          case 'refused':
            close(way, `it answers ${told.status}`);
            return undefined;
          case 'too-large':
            say('takes no object as large as some of this run: it answers 413');
            return undefined;
          case 'failed':
            return fail(way, `it answers ${told.status}`, performance.now() - began);
        }
      } catch (error) {
        return signal.aborted ? undefined : fail(way, (error as Error).message, performance.now() - began);
      }
    },
  };
}

/** `refused` will be the same for everything else, `failed` may be better the next time. */
function verdictOn(status: number): 'good' | 'absent' | 'refused' | 'too-large' | 'failed' {
  if (status >= 200 && status < 300) return 'good';
  if (status === 404 || status === 410) return 'absent';
  if (status === 413) return 'too-large';
  return [401, 403, 405, 501, 507].includes(status) ? 'refused' : 'failed';
}
