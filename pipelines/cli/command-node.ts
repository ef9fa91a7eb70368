import { existsSync } from 'node:fs';

import { Failed } from '#engine';
import { listNodes, type ListedNode } from '../../tasks/tools/nodes/list-nodes.ts';
import { readNodes } from '../../tasks/tools/nodes/state.ts';
import { layoutOf } from '../../tasks/tools/site/layout.ts';
import type { Around } from './around.ts';
import { claimedInTurn } from './claimed.ts';
import { openNodeBench, whichComfy } from './node-bench.ts';
import { basesIn } from './node-drift.ts';
import { safeText } from './safe-text.ts';
import { secretsIn } from './secrets.ts';
import type { FlagsOf } from './verbs.ts';

/** `pipeline node <what> ...`: the packs of one ComfyUI directory, whoever made it. Answers the exit code. */
export async function commandNode(
  around: Around,
  [what, word, ...others]: readonly string[],
  flags: FlagsOf<'node'>,
): Promise<number> {
  if (others.length > 0)
    throw new Failed({ kind: 'usage', problem: `One pack at a time: ${others.join(' ')} is too much` });
  switch (what) {
    case 'list':
      return list(around, flags);
    case 'save':
      return (await import('./node-save.ts')).saveNodes(around, word, flags);
    case 'install':
    case 'update':
    case 'uninstall': {
      if (word === undefined)
        throw new Failed({ kind: 'usage', problem: `Which pack?`, hint: `write \`pipeline node ${what} <id>\`` });
      const bench = await openNodeBench(around, flags, `${what} ${word}`);
      return (await import('./node-change.ts')).changeNode(bench, what, word);
    }
    case undefined:
    default:
      throw new Failed({
        kind: 'usage',
        problem: `\`node\` has no ${what}`,
        hint: 'write `pipeline node install`, `update`, `uninstall`, `list` or `save`',
      });
  }
}

async function list(around: Around, flags: FlagsOf<'node'>): Promise<number> {
  const target = whichComfy(around, flags.target);
  const layout = layoutOf(target);
  if (existsSync(layout.journal)) await finishFirst(around, flags);
  const listed = listNodes(readNodes(target, basesIn(target)), { all: flags.all ?? false });
  const safe = safeText(secretsIn(around.environment));
  around.stdout.write(safe(flags.json ? `${JSON.stringify(listed)}\n` : inColumns(listed)));
  return 0;
}

/** A change that was cut short is finished before anybody is told what there is. */
async function finishFirst(around: Around, flags: FlagsOf<'node'>): Promise<void> {
  const bench = await openNodeBench({ ...around, stdout: around.stderr }, flags, 'list');
  await claimedInTurn(bench.open.claims, bench.target, around, () => bench.site.recover());
}

function inColumns(nodes: readonly ListedNode[]): string {
  const rows = nodes.map(({ name, version, kind, enabled, path, commit }) => [
    name,
    commit === null ? version : `${version} ${commit.slice(0, 7)}`,
    kind,
    enabled ? 'active' : 'waits',
    path,
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}
