/** One field that is not what it was. `path` reads like `nodes[2].commit`; an absent side is `undefined`. */
export interface Difference {
  readonly path: string;
  readonly was: unknown;
  readonly now: unknown;
}

/** The fields in which two JSON values differ, in the order of the newer one. */
export function differences(was: unknown, now: unknown, path = ''): readonly Difference[] {
  if (Object.is(was, now)) return [];
  if (Array.isArray(was) && Array.isArray(now)) return inLists(was, now, path);
  if (isRecord(was) && isRecord(now))
    return [...new Set([...Object.keys(now), ...Object.keys(was)])].flatMap((name) =>
      differences(was[name], now[name], path === '' ? name : `${path}.${name}`),
    );
  return [{ path, was, now }];
}

const inLists = (was: readonly unknown[], now: readonly unknown[], path: string): readonly Difference[] =>
  Array.from({ length: Math.max(was.length, now.length) }, (_, index) =>
    differences(was[index], now[index], `${path}[${index}]`),
  ).flat();

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
