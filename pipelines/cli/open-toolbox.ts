import { join } from 'node:path';

import { openPartials, type Results, type Scratch, type Store } from '#cache';
import type {
  Action,
  Archive,
  Bundles,
  Git,
  Http,
  Images,
  OwnModels,
  Packs,
  Python,
  Registry,
  Report,
  Scripts,
  Shelf,
  SiteTools,
  Target,
  Toolbox,
} from '#engine';
import { formerClones } from '../../tasks/tools/nodes/former-clones.ts';
import { openShelf } from '../../tasks/tools/shelf.ts';
import { knownHashesIn } from './known-hashes.ts';
import { lazily } from './lazily.ts';
import type { LocalSource } from './local-source.ts';
import { secretsIn } from './secrets.ts';
import { servicesIn } from './services.ts';
import type { Settings } from './settings.ts';
import { staySmall } from './stay-small.ts';

/** What the tools of every step share. */
export interface Stock {
  readonly settings: Settings;
  readonly store: Store;
  readonly results: Results;
  readonly localSource: LocalSource;
  readonly target?: Target;
  /** Where the target is: an absolute path. */
  readonly directory?: string;
}

/** The tools of one step, each bound to its signal and its report; its scratch directory goes when it ends. */
export async function openToolbox(stock: Stock, { signal, report }: Action): Promise<Toolbox> {
  const { store, target } = stock;
  staySmall();
  let scratch: Promise<Scratch> | undefined;
  const step: OfStep = { ...stock, signal, report };
  const archive = openArchive(step);
  const http = openHttp(step);
  const shelf = openShelf(store, async () => (await (scratch ??= store.scratch())).path);
  const tools = {
    signal,
    report,
    store: shelf,
    archive,
    http,
    git: openGit(step),
    python: openPython(step, { archive, http }),
    registry: openRegistry(step, http),
    scripts: openScripts(step),
    packs: openPacks(step),
    bundles: openBundles(step),
    images: openImages(step, shelf),
    ownModels: openOwnModels(step, shelf),
    ...target,
  };
  return {
    // Only a plan that places something has placed tasks, and then there is a target.
    tools: tools as SiteTools,
    async [Symbol.asyncDispose]() {
      // When there was none to be had, the step has failed of that already.
      await (await scratch?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
}

interface OfStep extends Stock {
  readonly signal: AbortSignal;
  readonly report: Report;
}

const openArchive = ({ signal }: OfStep): Archive =>
  lazily(async () => (await import('../../tasks/tools/archive/archive.ts')).openArchive({ signal }));

const openGit = ({ settings: { cache, environment, offline }, signal, report, localSource }: OfStep): Git =>
  lazily(async () =>
    (await import('../../tasks/tools/git/git.ts')).openGit({
      mirrors: join(cache, 'git'),
      environment,
      offline,
      signal,
      onLine: report.line,
      onFetched: report.fetched,
      localSource,
    }),
  );

const openHttp = ({ settings: { cache, environment, offline }, signal, report, localSource }: OfStep): Http =>
  lazily(async () => {
    const services = servicesIn(environment);
    const lender = await openBuckets({ environment, signal, report });
    return (await import('../../tasks/tools/http/http.ts')).openHttp({
      offline,
      signal,
      ...services,
      // Their programs know nothing of buckets that somebody runs for himself.
      ...(services.endpoints.cloudStorage === undefined && { lender }),
      onProgress: (done, total) => report.progress(done, total, 'bytes'),
      onFetched: report.fetched,
      localSource,
      partials: openPartials(join(cache, 'partial')),
    });
  });

const openOwnModels = ({ settings, directory, store, report, signal }: OfStep, { scratch }: Shelf): OwnModels =>
  lazily(async () => {
    const { openOwnModels: open } = await import('../../tasks/tools/own-models.ts');
    const target = directory === undefined ? [] : [join(directory, 'models'), directory];
    const hashes = knownHashesIn(settings.cache);
    return open({ directories: [settings.models, ...target], store, hashes, scratch, report, signal });
  });

/** Who may copy out of buckets: a program of this machine, run as the steps' other children are. */
async function openBuckets({
  environment,
  signal,
  report,
}: Pick<OfStep, 'signal' | 'report'> & Pick<Settings, 'environment'>) {
  const { openShell } = await import('../../tasks/tools/shell.ts');
  const { openLender } = await import('../../tasks/tools/cloud-storage.ts');
  return openLender(openShell({ environment, signal, onLine: report.line, secrets: secretsIn(environment) }));
}

const openPython = (
  { settings, signal, report }: OfStep,
  others: { readonly archive: Archive; readonly http: Http },
): Python =>
  lazily(async () => {
    const { cache, environment, installer, limits } = settings;
    const onLine = report.line;
    const { openShell } = await import('../../tasks/tools/shell.ts');
    const shell = openShell({ environment, signal, onLine, secrets: secretsIn(environment) });
    const directories = { probes: join(cache, 'probes'), programs: join(cache, 'programs') };
    const open = (await import('../../tasks/tools/python/python.ts')).openPython;
    const means = { shell, installer, environment, compilers: limits.cpu, signal, onLine };
    return open({ ...others, ...directories, ...means });
  });

const openBundles = (step: OfStep): Bundles =>
  lazily(async () => (await import('../../tasks/tools/bundle/bundles.ts')).openBundles(step));

const openImages = (step: OfStep, shelf: Shelf): Images =>
  lazily(async () => {
    const { environment } = step.settings;
    const { openShell } = await import('../../tasks/tools/shell.ts');
    const shell = openShell({ environment, signal: step.signal, onLine: step.report.line });
    return (await import('../../tasks/tools/image/images.ts')).openImages({ ...step, environment, shelf, shell });
  });

const openScripts = ({ settings: { environment }, directory = '', signal, report }: OfStep): Scripts =>
  lazily(async () => {
    const { openShell } = await import('../../tasks/tools/shell.ts');
    const shell = openShell({ environment, signal, onLine: report.line, secrets: secretsIn(environment) });
    return (await import('../../tasks/tools/scripts.ts')).openScripts(directory, shell, environment);
  });

const openPacks = ({ settings: { cache, environment }, directory = '' }: OfStep): Packs =>
  lazily(async () => {
    const { openPacks: open } = await import('../../tasks/tools/nodes/packs.ts');
    return open(directory, formerClones(cache, environment));
  });

const openRegistry = ({ settings: { environment } }: OfStep, http: Http): Registry =>
  lazily(async () => {
    const baseUrl = environment['COMFY_REGISTRY_URL'] ?? 'https://api.comfy.org';
    return (await import('../../tasks/tools/registry.ts')).openRegistry({ http, baseUrl });
  });
