import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';

import type { TargetSite } from '../../tasks/tools/site/site.ts';
import { answerOf, type Contents, type FakeStore, read, type Rig, write } from './rig.ts';

const git = (commit: string): Contents => ({
  '.git/HEAD': 'ref: refs/heads/main\n',
  '.git/refs/heads/main': `${commit.repeat(40)}\n`,
  '.git/objects/p.pack': commit,
});

/** Two versions of a target that differ in every way a target can. */
export const versions = {
  A: {
    core: {
      ...git('a'),
      'main.py': 'A',
      'old.py': 'A',
      'same.py': '1',
      'x/file': 'A',
      y: 'A',
      'custom_nodes/c.py': '1',
    },
    node: { ...git('a'), 'n.py': 'A', 'lib/gone.py': 'A' },
    wheels: { 'lib/w/a.py': 'A', 'lib/w/b.py': 'A', 'bin/w': { program: 'A' } },
    models: { 'models/vae/m': 'A', 'models/only-a': 'A' },
  },
  B: {
    core: {
      ...git('b'),
      'main.py': 'B',
      'new/deep.py': 'B',
      'same.py': '1',
      x: 'B',
      'y/file': 'B',
      'custom_nodes/c.py': '1',
    },
    node: { ...git('b'), 'n.py': 'B', 'lib/new.py': 'B' },
    wheels: { 'lib/w/a.py': 'B', 'lib/v/b.py': 'B', 'bin/w': 'B' },
    models: { 'models/vae/m': 'B', 'models/only-b': 'B' },
  },
} as const;

export type Version = keyof typeof versions;

/** Stages one version: nodes that only the other one has wait in `.disabled`, or come back from there. */
async function stage(site: TargetSite, store: FakeStore, version: Version): Promise<void> {
  const { core, node, wheels, models } = versions[version];
  const other = version === 'A' ? 'B' : 'A';
  const [mine, theirs] = [`only ${version}`, `only ${other}`];
  const has = (slot: string): boolean => site.slots().some((known) => known.slot === slot);
  if (has(theirs)) await site.stageMove({ slot: theirs, to: `custom_nodes/.disabled/only@${other}` });
  if (has(mine)) await site.stageMove({ slot: mine, to: 'custom_nodes/only' });
  const placed = [
    { slot: 'core', base: '', parts: [{ tree: store.tree(core), at: '', how: 'copy' as const }] },
    { slot: 'node', base: 'custom_nodes/n', parts: [{ tree: store.tree(node), at: '', how: 'copy' as const }] },
    { slot: 'wheels', base: '.venv', parts: [{ tree: store.tree(wheels), at: '', how: 'link' as const }] },
    {
      slot: 'models',
      base: '',
      parts: Object.entries(models).map(([at, text]) => ({ blob: store.blob(text), at })),
    },
    { slot: mine, base: 'custom_nodes/only', parts: [{ text: version, at: 'only.py' }] },
  ];
  for (const order of placed) {
    await site.stage(order);
    site.stageAnswer(order.slot, answerOf(version));
  }
}

/** A whole run. */
export async function switchTo(version: Version, site: TargetSite, store: FakeStore): Promise<void> {
  await site.recover();
  await stage(site, store, version);
  await site.activate({ version, lockfile: `lock of ${version}` });
}

/** What a person did: edits, files of their own, a commit in a node. */
export const edits: Contents = {
  'main.py': 'edited main',
  'old.py': 'edited old',
  'x/mine': 'mine in x',
  'new/deep.py': 'mine in the way',
  'custom_nodes/n/.git/refs/heads/main': `${'c'.repeat(40)}\n`,
  'custom_nodes/n/mine.py': 'mine in n',
  'custom_nodes/only/mine.py': 'mine in only',
  '.venv/lib/w/b.py': 'edited b',
};

/** Everything a person can see, and what is kept for them. */
export const view = ({ target }: Pick<Rig, 'target'>): Contents => ({
  ...read(target),
  ...Object.fromEntries(
    Object.entries(read(join(target, '.pipeline/kept'))).map(([path, text]) => [`kept/${path}`, text]),
  ),
});

/** What a person did, over version A. */
export const disturb = ({ target }: Pick<Rig, 'target'>): void => write(target, edits);

/** Renames until it is not to any more: the n-th call throws instead. */
export function renamer(lastsFor: number): {
  readonly rename: (from: string, to: string) => void;
  readonly count: () => number;
} {
  let calls = 0;
  return {
    count: () => calls,
    rename(from, to) {
      calls += 1;
      if (calls > lastsFor) throw new Error('the end of the world');
      renameSync(from, to);
    },
  };
}

/** Whether an activation has begun that cannot be undone. */
export const isCommitted = ({ target }: Pick<Rig, 'target'>): boolean =>
  existsSync(join(target, '.pipeline/journal.json'));
