import { lstatSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

import { type Checkout, readCheckout } from '../git/read-checkout.ts';
import { compactRepositoryUrl } from '../git/repository-url.ts';
import { readProject } from '../python/pyproject.ts';
import { readSmall } from '../read-small.ts';
import { readTracking } from './tracking.ts';

interface Known {
  /** What its directory is called while it is active: as its project is spelled, else as its repository. */
  readonly name: string;
  /** The id by which the registry knows the pack, in lower case, where its `pyproject.toml` names one. */
  readonly cnrId?: string;
  /** `owner/repo` on GitHub, elsewhere the URL of the repository without userinfo, where it is known. */
  readonly auxId?: string;
  /** Sentences for whoever is about to change it. */
  readonly warnings: readonly string[];
}

/** What a directory below `custom_nodes` holds, told by its markers alone: never by its name, and without asking anybody. */
export type Identity =
  /** A git checkout. `id` is its `auxId`, `repo` the URL of its remote without credentials. */
  | (Known & {
      readonly kind: 'nightly';
      readonly id: string;
      readonly auxId: string;
      readonly version: 'nightly';
      readonly repo: string;
      readonly commit?: string;
      readonly branch?: string;
    })
  /** An archive of the registry. `id` is its `cnrId`, `version` is semver. */
  | (Known & { readonly kind: 'cnr'; readonly id: string; readonly cnrId: string; readonly version: string })
  /** Anything else: never moved or deleted unless somebody names it. `name` is its directory's, a mere label. */
  | { readonly kind: 'unknown'; readonly name: string; readonly why: string; readonly warnings: readonly string[] };

/** Tells what a node's directory holds. Looks only, and afresh each time. */
export function identify(directory: string): Identity {
  const checkout = readCheckout(directory);
  const pack = readPack(directory);
  if (checkout?.remote !== undefined) return nightly(directory, checkout, checkout.remote, pack);
  const warnings = checkout === undefined ? [] : ['Its `.git` has no remote, which would say what it is'];
  const tracking = readTracking(directory);
  const unknown = (why: string, ...more: readonly string[]): Identity => ({
    kind: 'unknown',
    name: basename(resolve(directory)),
    why,
    warnings: [...warnings, ...more],
  });
  if (tracking === undefined) return unknown('it has neither a git remote nor the `.tracking` of a registry archive');
  const careful = 'It may be a registry archive: look at it before you update or uninstall it';
  if (tracking.kind === 'unreadable') return unknown(tracking.why, careful);
  if (pack.kind === 'unreadable') return unknown(pack.why, careful);
  if (pack.version === undefined) return unknown('`pyproject.toml` names no version such as 1.0.2', careful);
  const { id, name, version, auxId } = pack;
  return { kind: 'cnr', id, cnrId: id, name, version, ...(auxId === undefined ? {} : { auxId }), warnings };
}

/** Whether two directories hold one pack, from the registry or from git. */
export function samePack(a: Identity, b: Identity): boolean {
  if (a.kind === 'unknown' || b.kind === 'unknown') return false;
  return same(a.cnrId, b.cnrId) || same(a.auxId, b.auxId);
}

const same = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && a.toLowerCase() === b?.toLowerCase();

function nightly(directory: string, { commit, branch }: Checkout, remote: string, pack: Pack): Identity {
  const id = compactRepositoryUrl(remote);
  const tracked = lstatSync(join(directory, '.tracking'), { throwIfNoEntry: false }) !== undefined;
  return {
    kind: 'nightly',
    id,
    version: 'nightly',
    name: pack.kind === 'pack' ? pack.name : (nameOfRepository(id) ?? basename(resolve(directory))),
    ...(pack.kind === 'pack' ? { cnrId: pack.id } : {}),
    auxId: id,
    repo: remote,
    ...(commit === undefined ? {} : { commit }),
    ...(branch === undefined ? {} : { branch }),
    warnings: tracked ? ['Its `.git` says what it is: remove `.tracking`, which says something else'] : [],
  };
}

/** The last part of a URL, where that can be the name of a directory. */
const nameOfRepository = (id: string): string | undefined =>
  /(?:^|[/:])([\p{L}\p{N}_][^/:\\\p{C}]{0,127}?)(?:\.git)?\/*$/iu.exec(id)?.[1];

/** What `pyproject.toml` says of a pack; its `id` and `name` are fit to be names of directories. */
type Pack =
  | {
      readonly kind: 'pack';
      readonly id: string;
      readonly name: string;
      readonly version?: string;
      readonly auxId?: string;
    }
  | { readonly kind: 'unreadable'; readonly why: string };

const maxProjectBytes = 1024 * 1024;
const fit = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

function readPack(directory: string): Pack {
  const text = readSmall(join(directory, 'pyproject.toml'), maxProjectBytes);
  const project = text === undefined ? undefined : readProject(text);
  if (project === undefined) return { kind: 'unreadable', why: '`pyproject.toml` is missing or cannot be read' };
  const name = project.name.trim();
  if (!fit.test(name) || /\.disabled$/i.test(name))
    return { kind: 'unreadable', why: `\`pyproject.toml\` has a name that no pack can have: ${JSON.stringify(name)}` };
  const version = semverOf(project.version);
  const { repository = '' } = project;
  // A longer one leads nowhere, and would be looked at for ever.
  const auxId = repository.length > 2048 ? '' : compactRepositoryUrl(repository);
  return { kind: 'pack', id: name.toLowerCase(), name, ...(version && { version }), ...(auxId && { auxId }) };
}

const number = String.raw`(?:0|[1-9]\d*)`;
const labels = String.raw`[\da-z-]+(?:\.[\da-z-]+)*`;
const release = new RegExp(String.raw`^v?(${number}(?:\.${number}){0,2})((?:-${labels})?(?:\+${labels})?)$`, 'i');

/** `v1.0.2` is 1.0.2, and `2.5` is 2.5.0, as ComfyUI-Manager has it too. */
function semverOf(text: string | undefined): string | undefined {
  const [, numbers, rest] = release.exec(text?.trim() ?? '') ?? [];
  return numbers && `${[...numbers.split('.'), '0', '0'].slice(0, 3).join('.')}${rest}`;
}
