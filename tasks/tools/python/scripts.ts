import { Failed } from '#engine';

/** A command that a package offers: `bin/<name>` calls `attribute` of `module`. */
export interface EntryPoint {
  readonly name: string;
  readonly module: string;
  /** Dotted: `cli.main`. */
  readonly attribute: string;
}

/** The commands an `entry_points.txt` declares. Throws `refused`, naming `wheel`, on one that is not plainly a name, a module and an attribute. */
export function parseEntryPoints(text: string, wheel: string): readonly EntryPoint[] {
  const found = new Map<string, EntryPoint>();
  let section = '';
  for (const line of text.split(/\r?\n/).map((each) => each.trim())) {
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const heading = /^\[([^\]]*)\]$/.exec(line)?.[1];
    if (heading !== undefined) section = heading.trim();
    else if (section === 'console_scripts' || section === 'gui_scripts') {
      const entry = entryPointOf(line, wheel);
      found.set(entry.name, entry);
    }
  }
  return [...found.values()];
}

/** The commands of pip: of the one that is called pip, whichever it declares, one more for each part of its Python's version. */
export const pipCommands = (entries: readonly EntryPoint[], minor: string): readonly EntryPoint[] => {
  const own = entries.find(({ name }) => name === 'pip');
  const others = entries.filter(({ name }) => !/^pip(?:\d.*)?$/.test(name));
  const names = ['pip', `pip${minor.split('.')[0]}`, `pip${minor}`];
  return own === undefined ? entries : [...others, ...names.map((name) => ({ ...own, name }))];
};

const identifier = String.raw`[\p{XID_Start}_]\p{XID_Continue}*`;
const dotted = String.raw`${identifier}(?:\.${identifier})*`;
const reference = new RegExp(String.raw`^(?<module>${dotted})\s*:\s*(?<attribute>${dotted})\s*(?:\[[^\]]*\])?$`, 'u');

function entryPointOf(line: string, wheel: string): EntryPoint {
  const at = line.indexOf('=');
  const name = line.slice(0, Math.max(at, 0)).trim();
  const { module, attribute } = reference.exec(line.slice(at + 1).trim())?.groups ?? {};
  if (!/^[\w.+@-]+$/.test(name) || /^\.+$/.test(name) || !module || !attribute)
    throw new Failed({
      kind: 'refused',
      what: wheel,
      because: `it declares a command that is none: ${JSON.stringify(line)}`,
    });
  return { name, module, attribute };
}

/** Text that is both: a shell finds the interpreter beside the script, wherever that is now; Python reads a string. */
const header = `#!/bin/sh
'''exec' "$(dirname -- "$(realpath -- "$0")")/python" "$0" "$@"
' '''
`;

/** The script of an entry point. It may be moved with its environment. */
export const entryPointScript = ({ module, attribute }: EntryPoint): string => `${header}import sys

from ${module} import ${attribute.split('.')[0]}

if __name__ == '__main__':
    sys.exit(${attribute}())
`;

/**
 * A first line that does the same on its own. A package's script keeps its other lines where they are, because an encoding counts
 * only on the second line, and `from __future__` only behind the script's own first string.
 */
const firstLine = `#!/usr/bin/env -S sh -c 'exec "$(dirname -- "$(realpath -- "$0")")/python" "$0" "$@"'`;

/** A script that a package ships, made movable when its first line asks for whichever Python it is installed for. */
export function movableScript(script: Buffer): Buffer {
  if (script.subarray(0, 8).toString('latin1') !== '#!python') return script;
  const end = script.indexOf('\n');
  return Buffer.concat([Buffer.from(firstLine), end < 0 ? Buffer.from('\n') : script.subarray(end)]);
}
