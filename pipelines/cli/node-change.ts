import { join } from 'node:path';

import { Failed, planFor, run } from '#engine';
import { type AskedNode, askedNode } from '../../tasks/tools/nodes/asked-node.ts';
import {
  activeOf,
  type Decision,
  decideInPlace,
  decideInstall,
  decideUninstall,
  type Place,
} from '../../tasks/tools/nodes/decide.ts';
import { directoriesOf } from '../../tasks/tools/nodes/find-pack.ts';
import { readTracking } from '../../tasks/tools/nodes/tracking.ts';
import { realizedAt } from '../../tasks/tools/site/history.ts';
import { node, type NodeFacts, type Placing } from '../node.ts';
import { claimedInTurn, packClaim } from './claimed.ts';
import { type NodeBench, sceneOf } from './node-bench.ts';
import { type Prepared, prepareInstall, prepareUpdate } from './node-prepare.ts';
import { finishRun, recordRun } from './record.ts';

/** What can be done to a pack. */
export type Operation = 'install' | 'update' | 'uninstall';

/**
 * Changes one pack. What has to be fetched is fetched while others work on other packs; then, alone with the target, the disk
 * is looked at afresh and everything takes effect at once. Answers the exit code.
 */
export async function changeNode(bench: NodeBench, operation: Operation, word: string): Promise<number> {
  const asked = askedNode(word);
  const { claims } = bench.open;
  const { signal } = bench.around;
  const alone = async (prepared: Prepared | undefined): Promise<number> =>
    claimedInTurn(claims, bench.target, { signal }, () => apply(bench, operation, asked, prepared));
  return claims.hold(
    packClaim(bench.target, asked.key),
    async () => {
      warnOf(bench, asked);
      if (operation === 'uninstall') return alone(undefined);
      const prepared = await (operation === 'install' ? prepareInstall : prepareUpdate)(bench, asked);
      if ('exitCode' in prepared) return prepared.exitCode;
      return 'nothing' in prepared ? sayNothing(bench, prepared.nothing, prepared.at) : alone(prepared);
    },
    { signal },
  );
}

function warnOf({ emit, ...bench }: NodeBench, asked: AskedNode): void {
  for (const { at, identity } of directoriesOf(asked, sceneOf(bench, asked).nodes))
    for (const text of [...(identity.kind === 'unknown' ? [identity.why] : []), ...identity.warnings])
      emit({ type: 'note', level: 'warning', text: `${at}: ${text}` });
}

async function apply(
  bench: NodeBench,
  operation: Operation,
  asked: AskedNode,
  prepared: Prepared | undefined,
): Promise<number> {
  const { site, open, emit, subject } = bench;
  await site.recover();
  const decision = decide(bench, operation, asked, prepared);
  if (decision.kind === 'nothing') return sayNothing(bench, decision.because, decision.at);
  const facts = factsFor(bench, decision, prepared);
  const record = recordRun(emit);
  const ran = await run(
    planFor(node.plan(facts)),
    { pipeline: 'node', subject },
    { ...open.workshop, emit: record.emit },
  );
  record.remember(open.recent);
  if (ran.summary.ok && prepared?.asks === true) emit({ type: 'note', level: 'info', text: asksText(bench.target) });
  if (ran.summary.ok)
    emit({ type: 'note', level: 'info', text: 'ComfyUI sees this when it starts: restart it if it is running' });
  const at = decision.at ?? null;
  return finishRun(
    emit,
    ran,
    ran.summary.ok ? { kind: 'node', did: operation, path: at, version: prepared?.version ?? null } : undefined,
  );
}

const asksText = (target: string): string =>
  `It asks for Python packages (requirements.txt), which were not installed: ${
    realizedAt(target) === undefined
      ? 'install them into the Python of this ComfyUI'
      : '`pipeline node save` locks them, and `pipeline realize` installs them'
  }`;

/** The disk decides, as it is now. */
function decide(bench: NodeBench, operation: Operation, asked: AskedNode, prepared: Prepared | undefined): Decision {
  const scene = sceneOf(bench, asked, prepared?.repository);
  if (operation === 'uninstall' || prepared === undefined) return decideUninstall(scene);
  const { forward, version, directory } = prepared;
  if (forward === undefined) {
    const keepPrevious = bench.flags['keep-previous'] ?? false;
    const wish = { version, keepPrevious, ...(directory !== undefined && { directory }) };
    return decideInstall(scene, wish);
  }
  const active = activeOf(scene);
  const isAsSeen =
    active.at === forward.at && active.identity.kind === 'nightly' && active.identity.commit === forward.commit;
  if (!isAsSeen) throw meanwhile(active.at);
  return decideInPlace(active, scene);
}

function factsFor(
  bench: NodeBench,
  decision: Extract<Decision, { kind: 'change' }>,
  prepared: Prepared | undefined,
): NodeFacts {
  const { removals, moves, place, at } = decision;
  if (place === undefined) return { removals, moves };
  const { directory, slot } = place;
  const source = prepared?.source;
  if (source === undefined || directory === undefined || slot === undefined) throw meanwhile(at ?? 'custom_nodes');
  const takesOver = prepared?.forward === undefined ? claimsOf(bench, place) : prepared.forward.takesOver;
  const runInstall = bench.flags['run-install-scripts'] ?? false;
  return { removals, moves, place: { source, slot, directory, runInstall, ...(takesOver && { takesOver }) } };
}

/** What the `.tracking` of another tool's directory claims; ours say nothing, our receipt knows. */
function claimsOf({ target, site }: NodeBench, { over }: Place): Placing['takesOver'] {
  if (over === undefined) return undefined;
  const output = site.slots().find(({ slot }) => slot === over.slot)?.output as
    | { readonly version?: string }
    | undefined;
  const isOurs = over.identity.kind === 'cnr' && output?.version === over.identity.version;
  const tracking = isOurs ? undefined : readTracking(join(target, over.at));
  return tracking?.kind === 'list' ? { tracked: [...tracking.paths, '.tracking'] } : undefined;
}

const meanwhile = (path: string): Failed =>
  new Failed({
    kind: 'busy',
    what: path,
    holder: 'somebody who changed it meanwhile',
    hint: 'run again: nothing was changed',
  });

function sayNothing({ emit, subject }: NodeBench, because: string, at: string): number {
  const counts = { built: 0, cached: 0, failed: 0, skipped: 0, bytes_fetched: 0, ms: 0, ms_saved: 0, exit_code: 0 };
  emit({ type: 'run.started', pipeline: 'node', subject, steps: [] });
  emit({ type: 'note', level: 'info', text: `Nothing to do: ${because}` });
  emit({ type: 'run.finished', ok: true, ...counts, result: { kind: 'node', did: 'nothing', path: at } });
  return 0;
}
