import { compactRepositoryUrl } from '../../tasks/tools/git/repository-url.ts';
import {
  type Candidate,
  type Found,
  type FoundCore,
  guessed,
  type Line,
  lost,
  nothing,
  short,
  taken,
  titleOf,
} from './found.ts';
import { newest } from './newest.ts';
import { coreId, type UsedPack, type Uses } from './uses.ts';

/** A pack as the registry knows it. */
interface RegistryPack {
  readonly id: string;
  readonly repository?: string;
}

/** What the registry answered, by what was asked. A question that is not among them was not asked; null means nobody knows. */
export interface Answers {
  readonly byClass: ReadonlyMap<string, RegistryPack | null>;
  readonly byId: ReadonlyMap<string, RegistryPack | null>;
}

const isCommit = (text: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
const isRelease = (text: string): boolean => /^v?\d+\.\d+\.\d+(?:[-+].*)?$/.test(text);

/** What has to be asked before a workflow can be settled. */
export function questionsOf({ packs, classes }: Uses): {
  readonly classes: readonly string[];
  readonly ids: readonly string[];
} {
  const homeless = packs.filter(({ auxId, versions }) => auxId === undefined && !versions.some(isRelease));
  const ids = homeless.filter(({ versions }) => versions.some(isCommit)).map(({ cnrId }) => cnrId!);
  return { classes, ids };
}

/** What a workflow asks for, as far as it and the registry tell. */
export function settleUses({ coreVersions, packs, classes, models, files }: Uses, answers: Answers): Found {
  const { found, unknown } = packsOfClasses(classes, answers);
  const known = new Set(packs.flatMap(({ cnrId, auxId }) => [cnrId, auxId]).map((name) => name?.toLowerCase()));
  const isNew = ({ id, repository = '' }: RegistryPack): boolean =>
    ![id, compactRepositoryUrl(repository)].some((name) => known.has(name.toLowerCase()));
  const core = coreOf(coreVersions);
  return {
    ...nothing,
    ...(core === undefined ? {} : { core }),
    nodes: [...packs.map((pack) => settlePack(pack, answers)), ...found.filter(isNew).map(candidateOfClass)],
    models,
    lines: [
      ...unknown,
      ...files.map((file) => lost(`model ${file.name}`, `${file.class} uses it, and nothing says where it comes from`)),
    ],
  };
}

/** Releases of ComfyUI are tags. A workflow that grew over time names several. */
function coreOf(versions: readonly string[]): FoundCore | undefined {
  const commit = versions.find(isCommit);
  const latest = newest(versions.filter(isRelease));
  if (latest === undefined)
    return commit === undefined ? undefined : { commit, fate: 'taken', why: 'at the commit that its nodes name' };
  const ref = `v${latest.replace(/^v/, '')}`;
  if (versions.length === 1) return { ref, fate: 'taken', why: 'at the release that its nodes name' };
  return { ref, fate: 'guessed', why: `at the newest of the ${versions.length} releases that its nodes name` };
}

function settlePack({ cnrId, auxId, versions }: UsedPack, { byId }: Answers): Candidate {
  const release = newest(versions.filter(isRelease));
  const several = versions.length > 1;
  if (cnrId !== undefined && release !== undefined) {
    const what = `node ${cnrId} ${release}`;
    const line = several
      ? guessed(what, `from the registry: the newest of what its nodes name (${versions.map(inShort).join(', ')})`)
      : taken(what, 'from the registry');
    return { entry: { id: cnrId, version: release }, line };
  }
  const commit = versions.find(isCommit);
  const told = cnrId === undefined ? undefined : byId.get(cnrId)?.repository;
  const repo = auxId === undefined ? told : repositoryOf(auxId);
  if (repo !== undefined && commit !== undefined) {
    const what = titleOf(repo, short(commit));
    const doubt = [
      several && `its nodes name ${versions.map(inShort).join(', ')}`,
      auxId === undefined && 'the registry says where its sources are',
    ];
    const doubts = doubt.filter((part) => part !== false).join('; ');
    const line =
      doubts === '' ? taken(what, 'from git, at its commit') : guessed(what, `from git, at a commit: ${doubts}`);
    return { entry: { repo, commit }, line };
  }
  const named =
    versions.length === 0 ? 'no version is named' : `${versions.map(inShort).join(', ')} cannot be looked up`;
  if (cnrId !== undefined)
    return { entry: { id: cnrId }, line: guessed(`node ${cnrId}`, `from the registry, its latest release: ${named}`) };
  return {
    entry: { repo },
    line: guessed(titleOf(repo!), `from git, at its default branch: ${named}`),
  };
}

const inShort = (version: string): string => (isCommit(version) ? short(version) : version);

/** `owner/repo` is on GitHub; anything longer is a URL already. */
const repositoryOf = (auxId: string): string =>
  /^[\w.-]+\/[\w.-]+$/.test(auxId) ? `https://github.com/${auxId}` : auxId;

interface OfClasses extends RegistryPack {
  readonly classes: readonly string[];
}

/** The packs that have these classes, each once, and what is said of the others. */
function packsOfClasses(
  classes: readonly string[],
  { byClass }: Answers,
): { readonly found: readonly OfClasses[]; readonly unknown: readonly Line[] } {
  const found = new Map<string, OfClasses>();
  const unknown: Line[] = [];
  for (const name of classes) {
    const pack = byClass.get(name);
    if (pack === undefined)
      unknown.push(lost(`class ${name}`, 'nothing says which pack has it, and the registry was not asked'));
    else if (pack === null) unknown.push(lost(`class ${name}`, 'no pack of the registry has it'));
    else if (pack.id !== coreId)
      found.set(pack.id, { ...pack, classes: [...(found.get(pack.id)?.classes ?? []), name] });
  }
  return { found: [...found.values()], unknown };
}

function candidateOfClass({ id, classes: [first = '', ...others] }: OfClasses): Candidate {
  const named = others.length === 0 ? first : `${first} and ${others.length} more`;
  return { entry: { id }, line: guessed(`node ${id}`, `from the registry, its latest release: it has ${named}`) };
}
