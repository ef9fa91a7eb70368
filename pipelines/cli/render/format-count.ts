/** How many of a task's `of` steps are meant. */
export interface TaskCount {
  readonly task: string;
  readonly count: number;
  readonly of: number;
}

/** `1 wheel`, `57 wheels`, `1,200 files`. */
export const formatCount = (count: number, noun: string): string =>
  `${String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',')} ${count === 1 ? noun : pluralOf(noun)}`;

/** What a task is about, by its name: `fetch-node` and `swap-nodes` are about a `node`; `assemble` is a `step`. */
export function nounOf(task: string): string {
  const last = task.slice(task.lastIndexOf('-') + 1);
  if (last === task) return 'step';
  return /[^s]s$/.test(last) ? last.slice(0, -1) : last;
}

/**
 * `12 nodes, 57 wheels (fetch, unpack), 3 other steps`: what is many is named by what it is, and by its verbs where
 * two tasks do something to it; what there is only one of is a step like any other.
 */
export function formatCounts(counts: readonly TaskCount[]): string {
  const some = counts.filter(({ count }) => count > 0);
  const many = some.filter(({ of }) => of > 1);
  const single = some.length - many.length;
  const verbs = Map.groupBy(many, ({ task }) => nounOf(task));
  const groups = [...Map.groupBy(many, ({ task, count }) => formatCount(count, nounOf(task)))];
  const named = groups.map(([text, tasks]) =>
    verbs.get(nounOf(tasks[0]!.task))!.length > 1 ? `${text} (${tasks.map(verbOf).join(', ')})` : text,
  );
  if (single > 0) named.push(formatCount(single, many.length > 0 ? 'other step' : 'step'));
  return named.join(', ');
}

const verbOf = ({ task }: TaskCount): string =>
  task.includes('-') ? task.slice(0, task.lastIndexOf('-')).replaceAll('-', ' ') : task;

function pluralOf(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}
