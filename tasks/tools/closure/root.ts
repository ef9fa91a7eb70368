import { holds, type MarkerEnvironment } from './marker.ts';
import { parseWish, type Wish } from './wish.ts';

/** A requirement that somebody wrote, and where. */
export interface Root {
  readonly wish: Wish;
  readonly where: string;
}

/** The requirement behind a line, or nothing when its condition does not hold. A URL that stands alone names nothing: ''. */
export function rootOf(
  { line, where }: { readonly line: string; readonly where: string },
  environment: MarkerEnvironment,
): Root | undefined {
  const [text = ''] = line.split(' --hash=', 1);
  const wish = /^[a-z][a-z0-9+.-]*:/i.test(text) ? urlWish(text) : parseWish(text);
  if (wish === undefined || (wish.marker !== undefined && !holds(wish.marker, environment))) return undefined;
  return { where, wish };
}

function urlWish(text: string): Wish {
  const [url = '', marker] = text.split(/\s;\s*/, 2);
  return { name: '', extras: [], specifier: '', url, ...(marker === undefined ? {} : { marker }) };
}
