import { join } from 'node:path';

import type { Interpreter } from '#engine';
import { findInterpreter } from '../../tasks/tools/python/find.ts';
import { openProbe } from '../../tasks/tools/python/probe.ts';
import { openShell } from '../../tasks/tools/shell.ts';
import type { Settings } from './settings.ts';

/** The Python that a version runs on: `COMFY_PYTHON` first, then the usual names. Starts no child when nothing changed. */
export async function findPython(
  { cache, environment }: Settings,
  version: string | undefined,
  {
    signal,
    note,
    readOnly = false,
  }: { readonly signal: AbortSignal; readonly note: (text: string) => void; readonly readOnly?: boolean },
): Promise<Interpreter> {
  const shell = openShell({ environment, signal });
  const command = environment['COMFY_PYTHON'];
  return findInterpreter(
    { ...(version === undefined ? {} : { version }), ...(command ? { command } : {}) },
    { probe: openProbe({ shell, directory: join(cache, 'probes'), environment, readOnly }), environment, onLine: note },
  );
}
