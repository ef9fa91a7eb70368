import type { Results } from '../results.ts';
import type { Store } from '../store.ts';
import type { Remote, RemoteNeeds } from './remote.ts';

/** A store and results with a remote behind them: local before remote, filled on the way back. */
export interface Layered {
  readonly store: Store;
  readonly results: Results;
  /** Waits for what is still on its way to the remote, not for ever. */
  readonly settle: () => Promise<void>;
}

/**
 * Puts a remote behind a store and results. It is opened when something is first missing, or first made: a run in which all
 * is here loads nothing and asks nobody. Where it cannot be opened, `warn` is told why, and the run goes on without.
 */
export function layer(
  { store, results, warn }: { readonly store: Store; readonly results: Results; readonly warn: (text: string) => void },
  needs: (store: Store) => Promise<RemoteNeeds>,
): Layered {
  const open = async (): Promise<Remote | undefined> => {
    try {
      return (await import('./remote.ts')).openRemote(await needs(store));
    } catch (error) {
      warn(`The remote cache is not used: ${(error as Error).message}`);
      return undefined;
    }
  };
  let opening: Promise<Remote | undefined> | undefined;
  const remote = (): Promise<Remote | undefined> => (opening ??= open());
  const lookupThere: Results['lookup'] = async (key) => {
    const answer = await (await remote())?.lookup(key);
    if (answer !== undefined) await results.save(answer);
    return answer;
  };
  return {
    store: {
      ...store,
      async proves(digest, how) {
        if (await store.proves(digest, how)) return true;
        // Who only looks does not want it here.
        return how?.isUse !== false && ((await (await remote())?.bring(digest)) ?? false);
      },
    },
    results: {
      lookup(key) {
        const found = results.lookup(key);
        if (found instanceof Promise) return found.then((answer) => answer ?? lookupThere(key));
        return found ?? lookupThere(key);
      },
      async save(answer) {
        await results.save(answer);
        (await remote())?.offer(answer);
      },
    },
    async settle() {
      await (await opening)?.settle();
    },
  };
}
