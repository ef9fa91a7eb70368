import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { type Emit, Failed, planFor, run, type Step } from '#engine';
import { sameDirectory } from '../../tasks/tools/nodes/same-directory.ts';
import type { AskedNode } from '../../tasks/tools/nodes/asked-node.ts';
import type { Scene } from '../../tasks/tools/nodes/decide.ts';
import { readNodes } from '../../tasks/tools/nodes/state.ts';
import { layoutOf } from '../../tasks/tools/site/layout.ts';
import type { TargetSite } from '../../tasks/tools/site/site.ts';
import { expandEnv } from '../documents/env.ts';
import { readText } from '../documents/json.ts';
import { parseLockfile } from '../documents/lockfile.ts';
import type { Around } from './around.ts';
import { type Open, openWorkshop } from './open-workshop.ts';
import { finishRun } from './record.ts';
import { openScreen } from './screen.ts';
import { settingsWithoutVersion } from './settings-without-version.ts';
import type { FlagsOf } from './verbs.ts';

/** A ComfyUI directory at work on its packs. */
export interface NodeBench {
  readonly around: Around;
  readonly target: string;
  readonly flags: FlagsOf<'node'>;
  readonly emit: Emit;
  readonly open: Open;
  readonly site: TargetSite;
  /** What a look-up in the registry is keyed by: where it is. */
  readonly registry: string;
  /** What this is called: `install comfyui-foo`. */
  readonly subject: string;
}

/** The ComfyUI directory that is meant: --target, else $COMFY_HOME, else the working directory. Throws when it is none. */
export function whichComfy(
  { cwd, environment }: Pick<Around, 'cwd' | 'environment'>,
  given: string | undefined,
): string {
  const target = resolve(cwd, given ?? (environment['COMFY_HOME'] || '.'));
  if (['custom_nodes', 'main.py', '.pipeline'].some((name) => existsSync(join(target, name)))) return target;
  throw new Failed({
    kind: 'absent',
    what: `A ComfyUI directory at ${target}`,
    hint: 'give --target DIR: the directory that has `custom_nodes` in it',
  });
}

/** Opens a directory to change it. What its version sets in the environment holds here too. */
export async function openNodeBench(around: Around, flags: FlagsOf<'node'>, subject: string): Promise<NodeBench> {
  const target = whichComfy(around, flags.target);
  const environment = { ...around.environment, ...variablesOf(target, around) };
  const settings = settingsWithoutVersion({ ...around, environment }, around.cwd);
  const emit = await openScreen(around, flags);
  const offline = settings.offline || (flags.offline ?? false);
  const purpose = { run: `node ${subject} ${target}`, emit, signal: around.signal, target };
  const open = openWorkshop({ ...settings, offline }, purpose);
  const registry = environment['COMFY_REGISTRY_URL'] ?? '';
  return { around, target, flags, emit, open, site: open.site!, registry, subject };
}

/** The variables of the version that a target is, as its lockfile has them; none where there is no such lockfile. */
function variablesOf(target: string, { environment }: Around): Readonly<Record<string, string>> {
  const { lock } = layoutOf(target);
  if (!existsSync(lock)) return {};
  try {
    const { env } = parseLockfile(readText(lock), lock);
    return Object.fromEntries(expandEnv(env ?? {}, environment).variables.map(({ name, value }) => [name, value]));
  } catch {
    // A lockfile of another release: its packs can be changed all the same.
    return {};
  }
}

/** Everything about a pack that the disk tells this moment. */
export function sceneOf(
  { target, site }: Pick<NodeBench, 'target' | 'site'>,
  asked: AskedNode,
  repository?: string,
): Scene {
  const slots = site.slots();
  return {
    asked,
    nodes: readNodes(target, slots),
    slots,
    occupied: namesIn(join(target, 'custom_nodes')),
    same: (one, other) => sameDirectory(join(target, one), join(target, other)),
    ...(repository !== undefined && { repository }),
  };
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** What a step yields that is run on its own; or, when it failed and that has been shown, the exit code. */
export type Answered<T> = { readonly output: T } | { readonly exitCode: number };

/** Runs what has to be known before it can be planned. */
export async function ask<T>({ open, emit, subject }: NodeBench, step: Step<T>): Promise<Answered<T>> {
  const ran = await run(planFor(step), { pipeline: 'node', subject }, open.workshop);
  const exitCode = finishRun(emit, ran);
  return ran.output === undefined ? { exitCode } : { output: ran.output };
}
