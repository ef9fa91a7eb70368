import { gapsIn } from '#cache';
import { toFailure } from '#engine';

import { type Allotment, type Lot, openAllotment } from './allotment.ts';
import { networkTrouble } from './failures.ts';
import { fetchLot, unwelcome } from './fetch-lot.ts';
import { type Carrier, isSpreadable, pieceFor, type Session, sizeOf } from './session.ts';

/** So many connections that broke are replaced at once while others go on. */
const mostMends = 3;

/**
 * Fetches what a file lacks. It begins on one connection; where the source hands out parts of a large file, others join. One
 * that breaks leaves its part to the others. Throws what concerns all of them, or how the last one broke.
 */
export async function fetchMissing(session: Session, carrier: Carrier): Promise<void> {
  const { file, source } = session;
  session.isSpoiled = false;
  session.place = undefined;
  const lanes = new Lanes(session, carrier);
  await lanes.run();
  const { trouble, loss } = lanes;
  if (trouble !== undefined) throw trouble;
  if (gapsIn(file.spans(), sizeOf(session)).length === 0) return;
  // Who refuses parts may still send the rest to one connection alone.
  if (loss !== undefined && session.parts !== 'no') throw loss;
  const ended = `The transfer ended after ${file.size()} of ${sizeOf(session)} bytes`;
  throw networkTrouble(source.url, ended, { transient: true });
}

/** The connections that fetch one file, from one source. */
class Lanes {
  /** What stopped all of them. */
  trouble: Error | undefined;
  /** How the last one broke that others could do without. */
  loss: Error | undefined;
  readonly #session: Session;
  readonly #carrier: Carrier;
  readonly #allotment: Allotment;
  readonly #stopper = new AbortController();
  readonly #lanes = new Set<Promise<void>>();
  #mends = 0;

  constructor(session: Session, carrier: Carrier) {
    this.#session = session;
    this.#carrier = { ...carrier, signal: AbortSignal.any([carrier.signal, this.#stopper.signal]) };
    this.#allotment = openAllotment(session.file);
  }

  /** Resolves when none of them goes on. */
  async run(): Promise<void> {
    this.#allotment.settle(sizeOf(this.#session), pieceFor(this.#session, this.#carrier));
    this.#join(this.#allotment.take, true);
    while (this.#lanes.size > 0) await Promise.race(this.#lanes);
  }

  /** One more, when there is something to do for it and the budget allows. */
  #join(take: () => Lot | undefined, isFirst = false): boolean {
    const slot = this.#carrier.connections.open(this.#host, { must: isFirst });
    const lot = slot && take();
    if (slot === undefined || lot === undefined) {
      slot?.[Symbol.dispose]();
      return false;
    }
    const lane = this.#work(lot, isFirst)
      .catch((error: Error) => this.#onTrouble(error))
      .finally(() => {
        slot[Symbol.dispose]();
        this.#lanes.delete(lane);
      });
    this.#lanes.add(lane);
    return true;
  }

  #fill(): void {
    while (!this.#carrier.signal.aborted && this.#session.parts === 'yes' && this.#join(this.#allotment.take));
  }

  /** Called when the bytes of a lot begin to come. */
  #spread(): void {
    if (!isSpreadable(this.#session, this.#carrier.leastSpread)) return;
    if (this.#session.parts === 'yes') this.#fill();
    // Who ignores `Range` is asked for one part only, and for one where the first connection comes last.
    else if (this.#lanes.size === 1) this.#join(this.#allotment.takeLast);
  }

  async #work(first: Lot, isFirst: boolean): Promise<void> {
    const onStart = (): void => this.#spread();
    const allotment = this.#allotment;
    for (let lot: Lot | undefined = first; lot !== undefined; lot = allotment.take()) {
      const kind = isFirst && lot === first ? 'open' : 'part';
      try {
        await fetchLot(this.#session, { lot, kind, allotment, onStart }, this.#carrier);
      } finally {
        allotment.release(lot);
      }
      if (this.#session.parts !== 'yes') return;
      this.#fill();
    }
  }

  #onTrouble(error: Error): void {
    if (this.#stopper.signal.aborted || error === unwelcome) return;
    const failure = toFailure(error);
    if (failure.kind !== 'network' || this.#session.isSpoiled || this.#lanes.size === 1) {
      this.trouble = error;
      return this.#stopper.abort();
    }
    this.loss = error;
    if (failure.status === undefined) {
      if (failure.transient && (this.#mends += 1) <= mostMends) this.#fill();
    } else if (failure.transient) this.#carrier.connections.spare(this.#host);
    else this.#session.parts = 'no';
  }

  get #host(): string {
    return (this.#session.place ?? this.#session.source).url.host;
  }
}
