import { join } from 'node:path';
import { expect } from 'vitest';

import type { Ended } from './rig.ts';
import type { Small } from './small.ts';
import { git } from './taking-over.ts';
import { changedPaths, listing } from './tree.ts';

/** What people had in a directory before it became a target. */
export const users = ['input/mine.png', 'notes.txt', 'output/ComfyUI_00001_.png', 'user/default/workflows/mine.json'];

/** What a person is told of what was there. */
export const warningsOf = ({ events }: Pick<Ended, 'events'>): readonly string[] =>
  events.flatMap((event) => (event.type === 'note' && event.level === 'warning' ? [event.text] : []));

/** Paths and questions about a directory that was taken over as a target of `small`. */
export function takenOver(on: Small) {
  const inTarget = (...path: readonly string[]): string => join(on.bench.target, ...path);
  return {
    inTarget,
    inKept: (...path: readonly string[]): string => inTarget('.pipeline/kept', ...path),

    /** The files it has besides what a clean target of the version has. Throws when anything of a clean one is missing, or otherwise. */
    async besides(): Promise<readonly string[]> {
      const target = on.bench.at('clean');
      expect((await on.bench.pipeline(['realize', 'small', '--target', target])).exitCode).toBe(0);
      const clean = listing(target, { except: ['.pipeline'] });
      // A checkout that is at the right commit keeps its own history.
      const changed = changedPaths(clean, listing(on.bench.target, { except: ['.pipeline'] })).filter(
        (path) => !path.includes('.git/'),
      );
      expect(changed.filter((path) => path in clean)).toEqual([]);
      return changed.filter((path) => !path.endsWith('/'));
    },

    /** Throws unless it is as good as any other target, for every verb. */
    async expectWell(): Promise<void> {
      const { bench } = on;
      const ask = async (...words: readonly string[]) => bench.pipeline([...words, '--target', bench.target]);
      expect((await on.realize()).built).toEqual([]);
      const verified = await ask('verify', 'small');
      expect([verified.exitCode, verified.stderr]).toEqual([0, '']);
      const { versions } = JSON.parse((await ask('status', 'small', '--json')).stdout) as {
        versions: readonly unknown[];
      };
      expect(versions).toMatchObject([{ drift: [], strangers: [], unfinished: false, nodes: [] }]);
      const back = await ask('rollback', 'small');
      expect(back.exitCode).not.toBe(0);
      expect(back.stderr).toContain(`Anything that ${bench.target} was before`);
      expect(await git(bench.target, 'status', '--porcelain', '--untracked-files=no')).toBe('');
    },
  };
}
