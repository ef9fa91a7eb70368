import { relative, sep } from 'node:path';

import type { ModelFile } from '../../tasks/tools/installation/model-files.ts';
import { present } from '../documents/present.ts';
import { type Candidate, guessed, type Line, lost } from './found.ts';

/** How the models of an installation are read. */
export interface ModelReading {
  /** The project root: files of this machine are named from there. */
  readonly root: string;
  /** The SHA-256 of a file, in hex; absent to leave the models unread. */
  readonly hash?: (file: ModelFile) => Promise<string>;
}

/** The models of an installation. Where they came from nobody noted: they are their own sources. */
export async function modelsOf(
  files: readonly ModelFile[],
  { root, hash }: ModelReading,
): Promise<{ readonly candidates: readonly Candidate[]; readonly lines: readonly Line[] }> {
  const candidates: Candidate[] = [];
  const lines: Line[] = [];
  for (const model of files) {
    const { path, file, size } = model;
    if (path.startsWith('configs/')) continue;
    if (!kinds.test(path)) {
      lines.push(lost(`model ${path}`, 'it is not of a kind that models are'));
      continue;
    }
    const sha256 = await hash?.(model);
    const checksum = sha256 && `sha256:${sha256}`;
    const pinned = sha256 === undefined ? '' : ', with its SHA-256';
    candidates.push({
      entry: present({ source: fromRoot(root, file), target_path: `$MODELS_DIR/${path}`, size, checksum }),
      line: guessed(`model ${path}`, `its only known source is this file${pinned}: add a URL for other machines`),
    });
  }
  return { candidates, lines };
}

const kinds = /\.(?:safetensors|sft|gguf|ckpt|pth?|bin|onnx|pkl|engine|json|ya?ml|txt|zip|model)$/i;

/** A path as documents have it, also of a file that is outside the project. */
function fromRoot(root: string, file: string): string {
  const path = relative(root, file).split(sep).join('/');
  return path.startsWith('../') ? path : `./${path}`;
}
