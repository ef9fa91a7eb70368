/** Work that goes on beside other work, so much of it at once. */
export interface Errands {
  /** Begins one as soon as there is room. Throws what an earlier one threw. */
  begin(errand: () => Promise<void>): Promise<void>;
  /** Resolves when none is under way. Throws what the first that failed threw. */
  end(): Promise<void>;
}

/** Errands of which at most `most` are under way. */
export function openErrands(most: number): Errands {
  const underWay = new Set<Promise<void>>();
  let failure: { readonly thrown: unknown } | undefined;
  const start = (errand: () => Promise<void>): void => {
    const going = errand()
      .catch((thrown: unknown) => void (failure ??= { thrown }))
      .finally(() => underWay.delete(going));
    underWay.add(going);
  };
  return {
    async begin(errand) {
      while (underWay.size >= most) await Promise.race(underWay);
      if (failure !== undefined) throw failure.thrown;
      start(errand);
    },
    async end() {
      while (underWay.size > 0) await Promise.all(underWay);
      if (failure !== undefined) throw failure.thrown;
    },
  };
}
