import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** A directory for trying things out, gone when it is disposed of, with everything in it. */
export interface Scratch extends Disposable {
  readonly path: string;
}

/** Makes one in a directory that exists. Throws the disk's faults. */
export function openScratch(directory: string): Scratch {
  const path = mkdtempSync(join(directory, '.pipeline-probe-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
