import { execFileSync } from 'node:child_process';

import type { World } from './world.ts';

/** Whether pip is here: without it, and without uv, nobody says which packages fit together. */
export const hasPip = ((): boolean => {
  try {
    execFileSync('python3', ['-m', 'pip', '--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** Serves a package of one module, and its page in the index `<origin>/simple/`; answers the address of its wheel. */
export function publish({ files, wheel }: World, name: string): string {
  const { url, sha256, filename } = wheel({ name, files: { [`${name}.py`]: '' } });
  const link = `<a href="${String(url)}#sha256=${String(sha256)}">${String(filename)}</a>`;
  files.serve(`/simple/${name}/`, `<!DOCTYPE html><html><body>${link}</body></html>`, { type: 'text/html' });
  return String(url);
}
