import type { Change } from '../documents/compare-locks.ts';
import { formatBytes } from './render/format-bytes.ts';

/** A line for each change: `changed  node   comfyui-foo  1.0.0 -> 1.1.0  4.2 kB`. */
export function showChanges(changes: readonly Change[]): readonly string[] {
  const width = (of: 'of' | 'name'): number => Math.max(0, ...changes.map((change) => change[of].length));
  const [kinds, names] = [width('of'), width('name')];
  return changes.map(({ change, of, name, was, now, bytes }) => {
    const values = [was, now].filter((value) => value !== undefined).join(' -> ');
    const size = bytes === undefined ? '' : `  ${formatBytes(bytes)}`;
    return `${change.padEnd(7)}  ${of.padEnd(kinds)}  ${name.padEnd(names)}  ${values}${size}`;
  });
}

/** `1 added, 2 changed`, or `nothing differs`. */
export function countChanges(changes: readonly Change[]): string {
  const counts = (['added', 'changed', 'removed'] as const).flatMap((kind) => {
    const count = changes.filter(({ change }) => change === kind).length;
    return count === 0 ? [] : [`${count} ${kind}`];
  });
  return counts.length === 0 ? 'nothing differs' : counts.join(', ');
}
