import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';

import { openTemps } from '#cache';
import { Failed } from '#engine';
import { pathInModels } from '../documents/sources.ts';
import { packageRoot } from './package-root.ts';

/** Answers the file of this machine that stands for a URL: the demo's sources, models that are there already, and wheels of a given directory. */
export type LocalSource = (url: string) => Promise<string | undefined>;

interface Places {
  readonly cache: string;
  readonly models: string;
  readonly wheels?: string;
}

/** The demo's sources are made when something first asks for one; `wheels` is looked into for any wheel. */
export function openLocalSource({ cache, models, wheels }: Places): LocalSource {
  let making: Promise<string> | undefined;
  return async (url) => {
    if (url.startsWith('demo://')) {
      const { demoSource, makeDemoSources } = await import('../../examples/demo/sources.ts');
      making ??= (async () => {
        const into = join(cache, 'demo');
        const temps = openTemps(join(into, 'tmp'));
        await temps.sweep();
        return makeDemoSources({ from: join(packageRoot(), 'examples/demo'), into, draft: temps.fresh() });
      })();
      return demoSource(url, await making);
    }
    const model = pathInModels(url);
    if (model !== undefined) return inModels(models, model);
    const wheel = wheels === undefined ? undefined : join(wheels, decodeURIComponent(basename(url)));
    return wheel?.endsWith('.whl') && existsSync(wheel) ? wheel : undefined;
  };
}

/** A model that no document gives a source for: it is in the directory of models, or nowhere. */
function inModels(models: string, path: string): string {
  const file = join(models, path);
  if (existsSync(file)) return file;
  throw new Failed({ kind: 'absent', what: file, hint: 'the version names no source for it: put the file there' });
}
