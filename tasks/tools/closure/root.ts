import { normalName } from '../python/wheel-name.ts';
import { holds, type MarkerEnvironment } from './marker.ts';
import { parseWish, type Wish } from './wish.ts';

/** A requirement that somebody wrote, and where. */
export interface Root {
  readonly wish: Wish;
  readonly where: string;
}

/** The requirement behind a line, or nothing when its condition does not hold. `name` is known of those that do not say it. */
export function rootOf(
  { line, where }: { readonly line: string; readonly where: string },
  environment: MarkerEnvironment,
  name?: string,
): Root | undefined {
  const [text = ''] = line.split(' --hash=', 1);
  const wish = /^[a-z][a-z0-9+.-]*:/i.test(text) ? urlWish(text, name ?? '') : parseWish(text);
  if (wish === undefined || (wish.marker !== undefined && !holds(wish.marker, environment))) return undefined;
  return { where, wish };
}

/** A URL that stands alone. */
function urlWish(text: string, name: string): Wish {
  const [url = '', marker] = text.split(/\s;\s*/, 2);
  return { name: normalName(name), extras: [], specifier: '', url, ...(marker === undefined ? {} : { marker }) };
}

/** The hashes that a line names: one of them is the file's. */
export const hashesOf = (line: string): readonly string[] =>
  [...line.matchAll(/ --hash=sha256:([0-9a-f]{64})/g)].map(([, hash]) => hash!);
