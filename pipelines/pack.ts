import { definePipeline, planFor, type Step } from '#engine';
import { collectArtifacts } from '../tasks/collect-artifacts.ts';
import { writeBundle } from '../tasks/write-bundle.ts';
import type { VersionId } from '../tasks/vocabulary.ts';
import { realize, type RealizeFacts } from './realize.ts';

/** Makes sure of everything that realizing a version needs and that no other machine would make otherwise. */
export const collect = definePipeline({
  name: 'collect',
  summary: 'Fetch and make whatever realizing a version needs, but no target',

  read: (facts: RealizeFacts) => facts,

  plan: (facts) => collectArtifacts({ artifacts: artifactsOf(realize.plan(facts)) }),
});

/** What goes into the file of `pipeline pack`. `to` is an absolute path. */
export interface PackFacts {
  readonly to: string;
  readonly version: VersionId;
  readonly documents: Readonly<Record<string, string>>;
  /** Of every artifact's answer. */
  readonly keys: readonly string[];
}

/** Writes one file that realizes a version on a machine without a network. */
export const pack = definePipeline({
  name: 'pack',
  summary: 'Write one file with all that a version needs, for machines without a network',

  read: (facts: PackFacts) => facts,

  plan: ({ keys, ...what }) => writeBundle({ ...what, keys: keys.toSorted() }),
});

/** The steps of a plan whose answers are the same everywhere. */
const artifactsOf = (goal: Step): readonly Step[] =>
  planFor(goal).steps.flatMap(({ step }) => (step.task.kind === 'artifact' ? [step] : []));
