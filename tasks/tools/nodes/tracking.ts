import { lstatSync } from 'node:fs';
import { join } from 'node:path';

import { nameFault } from '../archive/names.ts';
import { readSmall } from '../read-small.ts';

/** The paths that a registry archive brought, as `.tracking` lists them; or why it is not to be read as such. */
export type Tracking =
  | { readonly kind: 'list'; readonly paths: readonly string[] }
  | { readonly kind: 'unreadable'; readonly why: string };

const maxBytes = 16 * 1024 * 1024;

/**
 * Reads the `.tracking` of a node; undefined when it has none. ComfyUI-Manager writes it, and anybody else may: it says
 * what kind of package this is, and nothing is ever deleted on its word.
 */
export function readTracking(directory: string): Tracking | undefined {
  const path = join(directory, '.tracking');
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  if (!found.isFile()) return { kind: 'unreadable', why: '`.tracking` is not a file' };
  const text = readSmall(path, maxBytes);
  if (text === undefined) return { kind: 'unreadable', why: '`.tracking` cannot be read as text' };
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const names = lines.filter((line) => line.trim() !== '');
  const unsafe = names.find((name) => nameFault(name, { gitFile: false }) !== undefined);
  if (unsafe !== undefined)
    return { kind: 'unreadable', why: `\`.tracking\` names what no archive may hold: ${JSON.stringify(unsafe)}` };
  // Archives list directories too, with a slash at the end.
  return { kind: 'list', paths: names.filter((name) => !name.endsWith('/')) };
}
