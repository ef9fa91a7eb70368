/** Connections that all transfers of this process share, so that no host and no line sees too many of them. */
export interface Connections {
  /**
   * One more to a host, free again when it is disposed of. A transfer's first one is never refused (`must`): how many
   * transfers there are is decided elsewhere. Any other is undefined where there are enough.
   */
  open(host: string, how?: { readonly must: boolean }): Disposable | undefined;
  /** A host has had enough: from now on it gets fewer than it has now. */
  spare(host: string): void;
}

/** So many to one host, and to all of them, before nobody gets a second one. */
const usual = { perHost: 8, inAll: 16 } as const;

/** A budget of connections. */
export function openConnections({ perHost, inAll }: { readonly perHost: number; readonly inAll: number }): Connections {
  const used = new Map<string, number>();
  const most = new Map<string, number>();
  let all = 0;
  const add = (host: string, count: number): void => {
    used.set(host, (used.get(host) ?? 0) + count);
    all += count;
  };
  return {
    open(host, { must } = { must: false }) {
      const isFull = all >= inAll || (used.get(host) ?? 0) >= (most.get(host) ?? perHost);
      if (isFull && !must) return undefined;
      add(host, 1);
      let isOpen = true;
      return {
        [Symbol.dispose]() {
          if (isOpen) add(host, -1);
          isOpen = false;
        },
      };
    },
    spare: (host) => void most.set(host, Math.max(1, (used.get(host) ?? 0) - 1)),
  };
}

/** Those of this process. */
export const connections = openConnections(usual);
