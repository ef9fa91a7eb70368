import { realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type { ModelFile } from '../../tasks/tools/installation/model-files.ts';
import type { Version } from '../documents/version.ts';

/**
 * The version with the SHA-256 of each model that has no checksum and lies below `directory`, and a sentence for each that
 * does not. `hash` yields the SHA-256 of a file, in hex.
 */
export async function addChecksums(
  version: Version,
  directory: string,
  hash: (file: ModelFile) => Promise<string>,
): Promise<{ readonly version: Version; readonly warnings: readonly string[] }> {
  const warnings: string[] = [];
  const models: Version['models'][number][] = [];
  for (const model of version.models) {
    const { root, path, checksum } = model;
    const file = root === 'models' && checksum === undefined ? fileAt(directory, path) : undefined;
    if (file !== undefined) models.push({ ...model, checksum: { algorithm: 'sha256', hex: await hash(file) } });
    else {
      models.push(model);
      if (checksum === undefined) warnings.push(`${path} gets no checksum: it is not below ${directory}`);
    }
  }
  return { version: { ...version, models }, warnings };
}

function fileAt(directory: string, path: string): ModelFile | undefined {
  try {
    const file = realpathSync(join(directory, path));
    const found = statSync(file);
    return found.isFile() ? { path, file, size: found.size } : undefined;
  } catch {
    return undefined;
  }
}
