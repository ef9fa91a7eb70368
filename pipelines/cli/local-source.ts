import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';

import { packageRoot } from './package-root.ts';

/** Answers the file of this machine that stands for a URL: the demo's sources, and wheels of a given directory. */
export type LocalSource = (url: string) => Promise<string | undefined>;

/** The demo's sources are made when something first asks for one; `wheels` is looked into for any wheel. */
export function openLocalSource({ cache, wheels }: { readonly cache: string; readonly wheels?: string }): LocalSource {
  let making: Promise<string> | undefined;
  return async (url) => {
    if (url.startsWith('demo://')) {
      const { demoSource, makeDemoSources } = await import('../../examples/demo/sources.ts');
      making ??= makeDemoSources({ from: join(packageRoot(), 'examples/demo'), into: join(cache, 'demo') });
      return demoSource(url, await making);
    }
    const wheel = wheels === undefined ? undefined : join(wheels, decodeURIComponent(basename(url)));
    return wheel?.endsWith('.whl') && existsSync(wheel) ? wheel : undefined;
  };
}
