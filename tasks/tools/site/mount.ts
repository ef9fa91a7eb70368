import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Whether something is mounted at a directory (absolute): another device begins there; or, as the kernel of Linux knows of directories bound to others, it says so. */
export function isMountPoint(path: string): boolean {
  return statSync(path).dev !== statSync(dirname(path)).dev || mounts().includes(path);
}

function mounts(): readonly string[] {
  try {
    const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    return lines.flatMap((line) => line.split(' ')[4] ?? []).map(unescaped);
  } catch {
    return [];
  }
}

/** Spaces and the like are written as `\040`. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
