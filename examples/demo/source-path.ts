import { join } from 'node:path';

/**
 * Where the content of a `demo://` URL is below `root` (what `makeDemoSources` answers), or nothing when it is no such URL.
 * Looks at the text alone; the answer never leaves `root`, whatever the URL says. Knows `git/<name>`, `models/<file>`, `wheels/<file>`,
 * `simple/<package>`, `registry/archives/<file>` and the requests of the registry below `registry/nodes/`.
 */
export function demoSource(url: string, root: string): string | undefined {
  const [, path] = /^demo:\/\/(.+?)\/?$/s.exec(url) ?? [];
  const place = path === undefined ? undefined : placeOf(path.replace('/install?version=', '/versions/'));
  return place === undefined ? undefined : join(root, place);
}

function placeOf(path: string): string | undefined {
  const [room, ...names] = path.split('/');
  if (!names.every((name) => /^[A-Za-z0-9][\w.+-]*$/.test(name))) return undefined;
  if (room === 'simple' && names.length <= 1) return `${path}/index.html`;
  if (room === 'registry' && names[0] === 'nodes' && names.length > 1) return `${path}.json`;
  if (room === 'registry' && names[0] === 'archives' && names.length === 2) return path;
  if (names.length !== 1) return undefined;
  if (room === 'git') return `${path.replace(/\.git$/, '')}.git`;
  return room === 'models' || room === 'wheels' ? path : undefined;
}
