import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import {
  lossIn,
  openClaims,
  openRecent,
  openResults,
  openStore,
  layer,
  type Layered,
  type Recent,
  type Store,
} from '#cache';
import { type Emit, localExecutor, type Target, type Workshop } from '#engine';
import { openLibrary } from '../../tasks/tools/library.ts';
import { formerClones } from '../../tasks/tools/nodes/former-clones.ts';
import type { Lookout } from '../../tasks/tools/site/lookout.ts';
import { openRecipes } from '../../tasks/tools/site/recipes.ts';
import { openSite, type TargetSite } from '../../tasks/tools/site/site.ts';
import { knownHashesIn } from './known-hashes.ts';
import { type LocalSource, openLocalSource } from './local-source.ts';
import type { Settings } from './settings.ts';

/** What a command works with: the engine's workshop, and what only commands touch. */
export interface Open {
  readonly workshop: Workshop;
  readonly recent: Recent;
  readonly store: Store;
  readonly site?: TargetSite;
  readonly localSource: LocalSource;
  readonly claims: ReturnType<typeof openClaims>;
}

/**
 * Opens the cache and, when there is a `target`, the target. Nothing is written before a step runs, and the tools of
 * steps are loaded when the first one does: a run in which nothing changed needs none of them.
 */
export function openWorkshop(settings: Settings, purpose: Purpose): Open {
  const { run, emit, signal, target: directory } = purpose;
  const warn = (text: string): void => emit({ type: 'note', level: 'warning', text });
  const here = openStore({ root: join(settings.cache, 'store'), warn });
  const redis = settings.environment['PIPELINE_RESULTS'];
  const known = openResults(
    redis === undefined ? { directory: join(settings.cache, 'results'), warn } : { url: redis, warn },
  );
  const layers = withRemote(settings, { store: here, results: known, warn }, purpose);
  const { store, results } = layers ?? { store: here, results: known };
  const recent = openRecent({ directory: join(settings.cache, 'recent'), run }, results);
  const claims = openClaims({ directory: join(settings.cache, 'claims'), warn });
  const localSource = openLocalSource(settings);
  const site = directory === undefined ? undefined : openTarget(settings, directory, store, purpose);
  const stock = {
    settings,
    store,
    results: recent,
    localSource,
    ...(site === undefined ? {} : { target: site }),
    ...(directory !== undefined && { directory }),
  };
  const workshop: Workshop = {
    results: recent,
    previous: (name) => recent.answerOf(name),
    proves: (digest, how) => store.proves(digest, how),
    isLoss: lossIn(join(settings.cache, 'store')),
    claims,
    executor: localExecutor(async (action) => (await import('./open-toolbox.ts')).openToolbox(stock, action)),
    emit,
    ...(layers && { settle: layers.settle }),
    limits: settings.limits,
    keepGoing: settings.keepGoing,
    verify: settings.verify,
    signal,
    wait: async (ms, stop) => setTimeout(ms, undefined, { signal: stop }),
    ...(site === undefined ? {} : { target: site }),
  };
  return { workshop, recent, store, claims, localSource, ...(site === undefined ? {} : { site: site.site }) };
}

/** What a workshop is opened for. `run` names the run in the same words every time. */
interface Purpose {
  readonly run: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly target?: string;
  /** Who has begun to look at the target already. */
  readonly lookout?: Lookout | undefined;
  /** Whether the remote cache is used, where there is one: by what makes something, not by what only looks. */
  readonly remote?: true;
}

/** The cache of this machine with the remote one behind it, where that is asked for. */
function withRemote(
  { remote }: Settings,
  here: Parameters<typeof layer>[0],
  { remote: isUsed, emit, signal }: Purpose,
): Layered | undefined {
  if (remote === undefined || isUsed === undefined) return undefined;
  return layer(here, async (store) => (await import('./open-remote.ts')).remoteNeeds(remote, { store, emit, signal }));
}

function openTarget(
  { cache, environment, linkMode, models }: Settings,
  target: string,
  store: Store,
  { emit, lookout }: Purpose,
): Target & { readonly site: TargetSite } {
  const note = (level: 'info' | 'warning', text: string): void => emit({ type: 'note', level, text });
  return {
    site: openSite({
      target,
      store,
      note,
      linkMode,
      recipes: openRecipes(join(cache, 'recipes')),
      ...(lookout && { lookout }),
      isFormer: formerClones(cache, environment),
    }),
    library: openLibrary({ directory: models, target, pathOf: store.pathOf, hashes: knownHashesIn(cache) }),
  };
}
