import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { registerHooks } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { type Event, Failed, forecast, type Pipeline, planFor, type PurePipeline, run } from '#engine';
import { disk, findCache, findRoot } from '../documents/paths.ts';
import type { Invocation } from './arguments.ts';
import { type Around, saysYes } from './around.ts';
import { openWorkshop } from './open-workshop.ts';
import { finishRun, recordRun } from './record.ts';
import { realizing } from './realizing-flags.ts';
import { forSteps, type RemoteFlags, remoteIn } from './remote-settings.ts';
import { openScreen } from './screen.ts';
import { limitsFor, type Settings } from './settings.ts';
import { keepRepeat } from './keep-repeat.ts';
import { showForecast } from './show-forecast.ts';
import { type Witness, witness } from '../../tasks/tools/witness.ts';
import type { Verb } from './verb.ts';

/** What a pipeline of a project is asked with: the words after its name. */
export interface OwnAsked {
  readonly args: readonly string[];
}

/** A pipeline of the project's own, as a verb. */
interface Own {
  readonly verb: Verb;
  readonly run: (asked: Invocation, around: Around) => Promise<number>;
}

/** The flags that every pipeline has. */
const flags = {
  target: { takes: 'text', value: 'DIR', about: 'the directory that its placed tasks change' },
  offline: { takes: 'nothing', about: 'use no network' },
  'dry-run': { takes: 'nothing', about: 'show what would run, change nothing' },
  jobs: { takes: 'number', value: 'N', least: 1, most: 256, about: 'at most N steps at once' },
  'keep-going': { takes: 'nothing', about: 'after a failure, run what does not depend on it' },
  verify: { takes: 'nothing', about: 'read every byte again instead of trusting fingerprints' },
  'remote-cache': realizing['remote-cache'],
  'remote-cache-mode': realizing['remote-cache-mode'],
  json: { takes: 'nothing', about: 'one event per line on stdout, nothing else' },
} as const satisfies Verb['flags'];

type Flags = Readonly<Partial<Record<'offline' | 'dry-run' | 'keep-going' | 'verify' | 'json', true>>> & {
  readonly target?: string;
  readonly jobs?: number;
} & RemoteFlags;

/** The names that files in `pipelines/` of the project have; whether they are pipelines is not looked at. */
export function ownNames(cwd: string): readonly string[] {
  const directory = join(findRoot({ cwd, probe: disk }).path, 'pipelines');
  const files = existsSync(directory) ? readdirSync(directory) : [];
  return files.flatMap((file) => /^([\w-]+)\.[tj]s$/.exec(file)?.[1] ?? []);
}

/** Looks for `pipelines/<name>.ts` in the project. It is code, and is run as such. */
export async function findOwn(cwd: string, name: string): Promise<Own | undefined> {
  const { path: root } = findRoot({ cwd, probe: disk });
  const file = ['ts', 'js'].map((type) => join(root, 'pipelines', `${name}.${type}`)).find((path) => existsSync(path));
  if (file === undefined || !/^[\w-]+$/.test(name)) return undefined;
  const { module, files } = await load(file);
  const pipeline = Object.values(module).find(isPipeline);
  if (pipeline === undefined)
    throw new Failed({
      kind: 'document',
      file,
      problem: 'It exports no pipeline',
      hint: 'write `export const x = definePipeline({ name, summary, read, plan })`',
    });
  const positionals = { usage: '[words]', least: 0, most: 999 };
  const verb: Verb = { summary: pipeline.summary, positionals, flags, example: `pipeline ${name}` };
  return { verb, run: async (asked, around) => runOwn(pipeline, asked, { around, root, files }) };
}

/**
 * Loads a project's code, and tells which files that was. It gets the very engine that runs it, wherever this package is
 * installed (a step of another copy would be none), and our zod when it brings none.
 */
async function load(file: string): Promise<{ module: Readonly<Record<string, unknown>>; files: readonly Witness[] }> {
  const urls = new Set<string>();
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const ours = { ...context, parentURL: import.meta.url };
      if (specifier === 'comfy-pipeline') return next(specifier, ours);
      try {
        return next(specifier, context);
      } catch (error) {
        if (specifier !== 'zod') throw error;
        return next(specifier, ours);
      }
    },
    load(url, context, next) {
      urls.add(url);
      return next(url, context);
    },
  });
  const module = await importing(file).finally(() => hooks.deregister());
  const paths = [...urls].flatMap((url) => (url.startsWith('file:') ? lookedAt(fileURLToPath(url)) : []));
  return { module, files: [...new Set(paths)].map(witness) };
}

/** What shows that a module is another one: the file itself, and of an installed package its description and the directory. */
function lookedAt(file: string): readonly string[] {
  const [, root] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file) ?? [];
  return root === undefined ? [file] : [join(root, 'package.json'), dirname(file)];
}

/** What throws while it is loaded is wrong with the file, not with us. */
async function importing(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    const { message, stack = '' } = error as Error;
    const [, where] = /file:\/\/(\S+?\d+:\d+)/.exec(stack) ?? [];
    const hint = where === undefined ? {} : { hint: `it was thrown at ${where}` };
    throw new Failed({ kind: 'document', file, problem: `It cannot be loaded: ${message}`, ...hint }, { cause: error });
  }
}

type OwnPipeline = Pipeline<OwnAsked, unknown, unknown> | PurePipeline<OwnAsked, unknown>;

const isPipeline = (value: unknown): value is OwnPipeline =>
  typeof value === 'object' && value !== null && 'plan' in value && 'summary' in value && 'name' in value;

async function runOwn(
  pipeline: OwnPipeline,
  asked: Invocation,
  { around, root, files }: { readonly around: Around; readonly root: string; readonly files: readonly Witness[] },
): Promise<number> {
  const given = asked.flags as Flags;
  const { cwd, signal } = around;
  const emit = await openScreen(around, given);
  const told: Event[] = [];
  const record = recordRun((event) => (told.push(event), emit(event)));
  const target = given.target === undefined ? {} : { target: resolve(cwd, given.target) };
  const name = `${pipeline.name} ${asked.positionals.join(' ')} ${target.target ?? ''}`;
  const looks = given['dry-run'] ?? false;
  const purpose = { run: name, emit: record.emit, signal, ...target, ...(!looks && { remote: true as const }) };
  const open = openWorkshop(settingsOf(around, root, given), purpose);
  await open.site?.recover();
  const question = { args: asked.positionals };
  const plan = planFor('read' in pipeline ? pipeline.plan(await pipeline.read(question)) : pipeline.plan(question));
  if (looks) {
    around.stdout.write(showForecast(await forecast(plan, open.workshop), given.json ?? false));
    return 0;
  }
  const ran = await run(plan, { pipeline: pipeline.name, subject: asked.positionals.join(' ') }, open.workshop);
  record.remember(open.recent);
  const exitCode = finishRun(record.emit, ran, ran.output);
  // What is in the store is proven anew at each run, and what is in a target is for its receipts to say.
  const isPlain = given.target === undefined && !/"(?:blob|tree):/.test(JSON.stringify(ran.output ?? null));
  if (exitCode === 0 && isPlain && !('read' in pipeline) && !given.verify)
    keepRepeat(around, told, { documents: files });
  return exitCode;
}

function settingsOf({ cwd, environment }: Around, root: string, given: Flags): Settings {
  const cache = findCache({ cwd, environment, probe: disk }).path;
  const offline = given.offline ?? saysYes(environment['COMFY_OFFLINE']);
  const remote = remoteIn(environment, given, offline);
  return {
    root,
    cache,
    models: environment['MODELS_DIR'] ?? join(cache, 'models'),
    environment: forSteps(environment),
    offline,
    keepGoing: given['keep-going'] ?? false,
    verify: given.verify ?? false,
    installer: 'pipeline',
    linkMode: 'auto',
    limits: limitsFor(given.jobs, availableParallelism()),
    ...(remote && { remote }),
  };
}
