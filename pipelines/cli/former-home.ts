import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { Emit } from '#engine';
import type { TargetSite } from '../../tasks/tools/site/site.ts';

/** Says of a directory that becomes a target what an earlier tool left in it and nobody uses from now on: a ComfyUI one directory down. */
export function sayFormerHome(target: string, site: Pick<TargetSite, 'slots'>, emit: Emit): void {
  const isNew = !site.slots().some(({ slot }) => slot === 'core');
  if (!isNew || !existsSync(join(target, 'ComfyUI/main.py'))) return;
  const text =
    'ComfyUI/ was made by an earlier tool: it stays as it is, and is not used any more. What you have in its output, input and user is yours to move up';
  emit({ type: 'note', level: 'info', text });
}
