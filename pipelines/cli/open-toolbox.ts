import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Scratch, Store } from '#cache';
import type { Action, Python, Report, SiteTools, Target, Toolbox, Tools } from '#engine';
import { openArchive } from '../../tasks/tools/archive/archive.ts';
import { openGit } from '../../tasks/tools/git/git.ts';
import { openHttp } from '../../tasks/tools/http/http.ts';
import { openPython } from '../../tasks/tools/python/python.ts';
import { openRegistry } from '../../tasks/tools/registry.ts';
import { openShell } from '../../tasks/tools/shell.ts';
import { openShelf } from '../../tasks/tools/shelf.ts';
import type { LocalSource } from './local-source.ts';
import { secretsIn } from './screen.ts';
import type { Settings } from './settings.ts';

/** What the tools of every step share. */
export interface Stock {
  readonly settings: Settings;
  readonly store: Store;
  readonly localSource: LocalSource;
  readonly target?: Target;
}

/** The tools of one step, each bound to its signal and its report; its scratch directory goes when it ends. */
export async function openToolbox(stock: Stock, { signal, report }: Action): Promise<Toolbox> {
  const { store, target } = stock;
  let scratch: Promise<Scratch> | undefined;
  const tools: Tools = {
    signal,
    report,
    store: openShelf(store, async () => (await (scratch ??= store.scratch())).path),
    ...openWorldly(stock, { signal, report }),
  };
  return {
    // Only a plan that places something has placed tasks, and then there is a target.
    tools: { ...tools, ...target } as SiteTools,
    async [Symbol.asyncDispose]() {
      await (await scratch)?.[Symbol.asyncDispose]();
    },
  };
}

/** Everything that reaches beyond the store and the target. */
function openWorldly(
  { settings, localSource }: Stock,
  { signal, report }: { readonly signal: AbortSignal; readonly report: Report },
): Pick<Tools, 'git' | 'http' | 'archive' | 'python' | 'registry'> {
  const { cache, environment, installer, offline } = settings;
  const onLine = report.line;
  const secrets = secretsIn(environment);
  const shell = openShell({ environment, signal, onLine, secrets });
  const archive = openArchive({ signal });
  const http = openHttp({
    offline,
    signal,
    tokens: tokensIn(environment),
    endpoints: {
      huggingFace: environment['HF_ENDPOINT'] ?? 'https://huggingface.co',
      civitai: environment['CIVITAI_ENDPOINT'] ?? 'https://civitai.com',
    },
    onProgress: (done, total) => report.progress(done, total, 'bytes'),
    onFetched: report.fetched,
    localSource,
  });
  const git = openGit({
    mirrors: join(cache, 'git'),
    environment,
    offline,
    signal,
    onLine,
    onFetched: report.fetched,
    localSource,
  });
  const python = openPython({ shell, archive, probes: join(cache, 'probes'), installer, environment, onLine });
  return {
    git,
    http,
    archive,
    python: { ...python, resolve: (what) => resolveLocally(python, what, localSource) },
    registry: openRegistry({
      http,
      baseUrl: environment['COMFY_REGISTRY_URL'] ?? 'https://api.comfy.org',
    }),
  };
}

/** An installer reads indexes by itself, so one that we make here is shown to it as files, and its answer translated back. */
async function resolveLocally(
  python: Python,
  what: Parameters<Python['resolve']>[0],
  localSource: LocalSource,
): ReturnType<Python['resolve']> {
  const local = what.indexUrl === undefined ? undefined : await localSource(what.indexUrl);
  if (local === undefined || what.indexUrl === undefined) return python.resolve(what);
  const directory = pathToFileURL(join(local, '..')).href;
  const root = pathToFileURL(join(local, '../..')).href;
  const closure = await python.resolve({ ...what, indexUrl: directory });
  const base = what.indexUrl.replace(/[^/]+\/?$/, '');
  return closure.map((wheel) => ({ ...wheel, url: wheel.url.replace(`${root}/`, base) }));
}

const tokensIn = (environment: Settings['environment']): { huggingFace?: string; civitai?: string } => {
  const huggingFace = environment['HF_TOKEN'] ?? environment['HUGGINGFACE_TOKEN'];
  const civitai = environment['CIVITAI_TOKEN'];
  return { ...(huggingFace ? { huggingFace } : {}), ...(civitai ? { civitai } : {}) };
};
