import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { disk, findCache } from '../documents/paths.ts';
import { type Around, saysYes } from './around.ts';
import { forSteps } from './remote-settings.ts';
import { limitsFor, type Settings } from './settings.ts';

/** How a run works that is about no version. */
export function settingsWithoutVersion({ cwd, environment }: Around, root: string): Settings {
  const cache = findCache({ cwd, environment, probe: disk }).path;
  return {
    root,
    cache,
    models: join(cache, 'models'),
    environment: forSteps(environment),
    offline: saysYes(environment['COMFY_OFFLINE']),
    keepGoing: false,
    verify: false,
    installer: 'pipeline',
    linkMode: 'auto',
    limits: limitsFor(undefined, availableParallelism()),
  };
}
