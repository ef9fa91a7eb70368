import { normalName } from '../python/wheel-name.ts';

/** What one requirement says, wherever it was written. */
export interface Wish {
  /** As indexes compare it: `demo-lib`. */
  readonly name: string;
  readonly extras: readonly string[];
  /** `>=1.26,<3`, or nothing when any version will do. */
  readonly specifier: string;
  /** Where it is to come from, when that is no index. */
  readonly url?: string;
  /** The condition under which it is wanted. */
  readonly marker?: string;
}

const shape = /^\s*([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\])?\s*(.*)$/s;

/** Reads a requirement of the packaging standard, leniently: what its author published cannot be mended here. */
export function parseWish(text: string): Wish | undefined {
  const [, name, listed = '', rest = ''] = shape.exec(text) ?? [];
  if (name === undefined) return undefined;
  const isUrl = rest.startsWith('@');
  const at = rest.search(isUrl ? /\s;/ : /;/);
  const [wanted, marker] = at < 0 ? [rest, ''] : [rest.slice(0, at), rest.slice(at).replace(/^\s*;/, '').trim()];
  return {
    name: normalName(name),
    extras: listed.split(',').flatMap((extra) => (extra.trim() === '' ? [] : [normalName(extra.trim())])),
    specifier: isUrl ? '' : wanted.replaceAll(/[\s()]/g, '').replace(/,$/, ''),
    ...(isUrl ? { url: wanted.slice(1).trim() } : {}),
    ...(marker === '' ? {} : { marker }),
  };
}

/** A wish as an index can answer it: `numpy[fast]>=1.26`, wherever it is to come from. */
export const indexWishText = ({ name, extras, specifier }: Wish): string => `${name}${listed(extras)}${specifier}`;

/** A wish as people write it: the same, or `numpy[fast] @ https://host/numpy.whl`. */
export const wishText = (wish: Wish): string =>
  wish.url === undefined ? indexWishText(wish) : `${wish.name}${listed(wish.extras)} @ ${wish.url}`;

const listed = (extras: readonly string[]): string => (extras.length > 0 ? `[${extras.join(',')}]` : '');

/** Every word of a text that may be the name of a package, as indexes compare them, in the order of first mention. */
export const namesIn = (text: string): ReadonlySet<string> =>
  new Set((text.match(/[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?/g) ?? []).map(normalName));
