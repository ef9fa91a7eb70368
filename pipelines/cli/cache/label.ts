import { type Answer, isDigest } from '#cache';
import type { Kind } from './thing.ts';

/** What an object is to people: of which kind, and of what. */
export interface Label {
  readonly kind: Kind;
  readonly about?: string;
}

const kindOf: Readonly<Record<string, Kind>> = {
  'fetch-model': 'models',
  'fetch-wheel': 'wheels',
  'fetch-source': 'wheels',
  'build-wheel': 'wheels',
  'unpack-wheel': 'packages',
  'fetch-core': 'core',
  'fetch-node': 'nodes',
  'fetch-pack': 'nodes',
  'fetch-release': 'nodes',
  'snapshot-node': 'nodes',
};

/** Labels for every digest that answers name. */
export function labelsOf(answers: Iterable<Answer>): ReadonlyMap<string, Label> {
  const labels = new Map<string, Label>();
  for (const answer of answers) {
    const about = aboutOf(answer);
    const label = { kind: kindOf[answer.task] ?? 'others', ...(about !== undefined && { about }) } as const;
    const visit = (value: unknown): void => {
      if (isDigest(value)) labels.set(value, labels.get(value) ?? label);
      else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
    };
    visit(answer.output);
  }
  return labels;
}

/** A word or two from the question: a file's name, a repository, an id. Of a model nothing but its hash is known. */
function aboutOf({ input, output }: Answer): string | undefined {
  const fields = { ...asRecord(input), ...asRecord(output) };
  const texts = ['filename', 'name', 'repo', 'id'].map((field) => fields[field]);
  const text = texts.find((value): value is string => typeof value === 'string');
  return text?.replace(/\/+$/, '').split('/').at(-1);
}

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
