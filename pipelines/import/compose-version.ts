import * as z from 'zod/mini';

import { GitRef, type VersionId } from '../../tasks/vocabulary.ts';
import type { Draft } from '../documents/draft.ts';
import { addProblem, below, check, type Findings, type Place } from '../documents/findings.ts';
import { readPin, readRepository } from '../documents/git-pin.ts';
import { finishModels, type ModelDraft, readModel } from '../documents/models.ts';
import { claimsOf, finishNodes, type NodeDraft, readNode } from '../documents/nodes.ts';
import { present } from '../documents/present.ts';
import type { Wanted } from '../documents/split-repository.ts';
import { finishVersion, type Version } from '../documents/version.ts';
import { type Candidate, type Found, guessed, type Line, lost, short, taken } from './found.ts';
import type { GivenElement } from './given.ts';

/** Where ComfyUI is developed: what is meant by sources that name no repository. */
const comfyRepository = 'https://github.com/comfyanonymous/ComfyUI';

/** What a version is made of. What was given is meant as it is; what was found gives way to it. */
export interface Parts {
  readonly id: VersionId;
  /** The project root. */
  readonly root: string;
  /** What messages call the source. */
  readonly source: string;
  readonly found: Found;
  readonly core?: Wanted;
  readonly nodes: readonly GivenElement[];
  readonly models: readonly GivenElement[];
}

/** A version, what became of each thing that was found, and what a person should know. */
export interface Composed {
  readonly version: Version;
  readonly lines: readonly Line[];
  readonly warnings: readonly string[];
}

/** Makes a version of its parts. Throws on what is wrong in what was given; what is wrong in what was found is lost. */
export function composeVersion(parts: Parts): Composed {
  const { id, root, source, found } = parts;
  const findings: Findings = { problems: [], warnings: [] };
  const core = settleCore(parts);
  const place: Place = { file: parts.core === undefined ? source : '--repo', at: 'comfy' };
  const repo = readRepository(root, core.wanted.repo, place, findings);
  const ref = check(z.optional(GitRef), core.wanted.ref, below(place, 'ref'), findings);
  const nodes = addNodes(parts, findings);
  const models = addModels(parts, findings);
  const draft: Draft = {
    place,
    id,
    core: present({ repo, ...readPin(present({ ...core.wanted, ref }), place, findings) }),
    nodes: nodes.drafts,
    models: models.drafts,
    python: found.python,
    ...(found.packages.length > 0 ? { packages: found.packages.map(({ requirement }) => requirement) } : {}),
    env: {},
    options: {},
  };
  const version = finishVersion(draft, findings);
  const packages = found.packages.map(({ line }) => line);
  const lines = [...core.lines, ...nodes.lines, ...models.lines, ...packages, ...found.lines];
  return { version, lines, warnings: findings.warnings };
}

/** Which ComfyUI: what was given, else what was found, else today's. */
function settleCore({ core: given, found }: Parts): { readonly wanted: Wanted; readonly lines: readonly Line[] } {
  const { core } = found;
  const { commit, ref } = core ?? {};
  const what = ['comfyui', commit === undefined ? ref : short(commit)].filter(Boolean).join(' ');
  if (given !== undefined && (given.commit ?? given.ref) !== undefined)
    return { wanted: given, lines: core === undefined ? [] : [lost(what, '--repo says which one is wanted')] };
  const repo = given?.repo ?? core?.repo ?? comfyRepository;
  const isAssumed = given === undefined && core?.repo === undefined;
  const assumed = isAssumed ? `; no repository is named, so ${comfyRepository} is meant` : '';
  const wanted = present({ repo, commit, ref });
  if (core === undefined)
    return { wanted, lines: isAssumed ? [guessed('comfyui', `today's, as nothing says which one${assumed}`)] : [] };
  const say = core.fate === 'taken' && !isAssumed ? taken : guessed;
  return { wanted, lines: [say(what, core.why + assumed)] };
}

interface Added<T> {
  readonly drafts: readonly T[];
  readonly lines: readonly Line[];
}

function addNodes({ root, source, found, nodes }: Parts, findings: Findings): Added<NodeDraft> {
  const given = nodes.flatMap(({ element, place }) => readNode(root, element, place, findings) ?? []);
  const drafts = [...given];
  const claimed = new Map(given.flatMap((draft) => claimsOf(draft).map((claim) => [claim, draft.place.file] as const)));
  const lines = found.nodes.map((candidate) =>
    settle(candidate, source, findings, (place, own) => {
      const draft = readNode(root, candidate.entry, place, own);
      if (draft === undefined) return;
      finishNodes([draft], own);
      const claims = claimsOf(draft);
      const claim = claims.find((one) => claimed.has(one));
      if (claim !== undefined) addProblem(own, place, `${claim} is taken by another one (${claimed.get(claim)!})`);
      if (own.problems.length > 0) return;
      for (const one of claims) claimed.set(one, source);
      drafts.push(draft);
    }),
  );
  return { drafts, lines };
}

function addModels({ root, source, found, models }: Parts, findings: Findings): Added<ModelDraft> {
  const given = models.flatMap(({ element, place }) => readModel(root, element, place, findings) ?? []);
  const drafts = new Map<string, ModelDraft[]>();
  const beside = (draft: ModelDraft): ModelDraft[] => {
    const key = `${draft.root} ${draft.path}`;
    const list = drafts.get(key) ?? [];
    drafts.set(key, list);
    return list;
  };
  for (const draft of given) beside(draft).push(draft);
  const lines = found.models.map((candidate) =>
    settle(candidate, source, findings, (place, own) => {
      const draft = readModel(root, candidate.entry, place, own);
      if (draft === undefined) return;
      // Another source of the same file is a mirror; another file for the same path is one too many.
      finishModels([...beside(draft), draft], own);
      if (own.problems.length === 0) beside(draft).push(draft);
    }),
  );
  return { drafts: [...drafts.values()].flat(), lines };
}

/** The line of a candidate once `add` has tried to add it: its own, or the first thing that is wrong with it. */
function settle(
  { line }: Candidate,
  source: string,
  { warnings }: Findings,
  add: (place: Place, own: Findings) => void,
): Line {
  const own: Findings = { problems: [], warnings: [] };
  add({ file: source, at: line.what }, own);
  const [fault] = own.problems;
  if (fault !== undefined) return lost(line.what, fault.problem);
  warnings.push(...own.warnings);
  return line;
}
