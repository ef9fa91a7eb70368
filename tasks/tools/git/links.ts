/** Follows this many links before it calls them a loop, as the operating system does. */
const hops = 40;

/**
 * Whether the symbolic link at `path` leads out of the directory that holds all of `links` (path -> target, relative to it),
 * other links on the way included. A loop leads nowhere.
 */
export function leadsOut(path: string, links: ReadonlyMap<string, string>): boolean {
  const place = path.split('/');
  const ahead: string[] = [];
  let followed = 0;
  for (;;) {
    const target = links.get(place.join('/'));
    if (target !== undefined) {
      if (target.startsWith('/')) return true;
      if (++followed > hops) return false;
      place.pop();
      ahead.unshift(...target.split('/'));
    }
    const part = ahead.shift();
    if (part === undefined) return false;
    if (part === '..' && place.pop() === undefined) return true;
    if (part !== '..' && part !== '.' && part !== '') place.push(part);
  }
}
