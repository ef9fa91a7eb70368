import type { Group } from './layout-graph.ts';
import type { RunStep } from './run-model.ts';

/**
 * The steps by task, each group after those it needs. Where two tasks use each other's outputs in turn (a wheel is unpacked to
 * build another, which is unpacked), each turn is a group.
 */
export function groupSteps(steps: readonly RunStep[]): readonly Group[] {
  const known = new Map(steps.map((step) => [step.step, step]));
  const circles = circlesOf(steps, known);
  const turns = new Map<number, number>();
  const groups = new Map<string, RunStep[]>();
  for (const step of steps) {
    const inCircle = step.needs.filter(
      (need) =>
        known.has(need) && known.get(need)!.task !== step.task && circles.get(step.task)?.has(known.get(need)!.task),
    );
    const turn = Math.max(0, ...inCircle.map((need) => (turns.get(need) ?? 0) + 1));
    turns.set(step.step, turn);
    const key = `${turn} ${step.task}`;
    groups.set(key, [...(groups.get(key) ?? []), step]);
  }
  return inOrder([...groups.values()]);
}

/** For each task that is used, through others, by itself: all tasks it is in a circle with. */
function circlesOf(steps: readonly RunStep[], known: ReadonlyMap<number, RunStep>) {
  const uses = new Map<string, Set<string>>();
  for (const { task, needs } of steps) {
    const used = uses.get(task) ?? new Set();
    for (const need of needs) if (known.has(need)) used.add(known.get(need)!.task);
    uses.set(task, used);
  }
  const reach = new Map([...uses.keys()].map((task) => [task, reachable(task, uses)]));
  return new Map(
    [...reach].map(([task, all]) => [task, new Set([...all].filter((other) => reach.get(other)?.has(task)))]),
  );
}

function reachable(from: string, uses: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...(uses.get(from) ?? [])];
  for (let task = open.pop(); task !== undefined; task = open.pop())
    if (!found.has(task)) {
      found.add(task);
      open.push(...(uses.get(task) ?? []));
    }
  return found;
}

/** Numbers the groups so that each comes after those it needs. */
function inOrder(lists: readonly (readonly RunStep[])[]): readonly Group[] {
  const listOf = new Map(lists.flatMap((list, at) => list.map((step) => [step.step, at] as const)));
  const needsOf = lists.map((list, at) => {
    const needs = new Set(list.flatMap(({ needs: ids }) => ids.flatMap((id) => listOf.get(id) ?? [])));
    const isChain = needs.delete(at);
    return { needs: [...needs], isChain };
  });
  const ids = new Map<number, number>();
  const ordered: number[] = [];
  const visit = (at: number): void => {
    if (ids.has(at)) return;
    // Taken before its needs: were there a circle after all, it would end here.
    ids.set(at, -1);
    for (const need of needsOf[at]!.needs) visit(need);
    ids.set(at, ordered.push(at) - 1);
  };
  lists.forEach((_, at) => visit(at));
  return ordered.map((at, id) => {
    const [first] = lists[at]!;
    const needs = needsOf[at]!.needs.map((need) => ids.get(need)!).filter((need) => need < id);
    return { id, task: first!.task, steps: lists[at]!, needs, isChain: needsOf[at]!.isChain };
  });
}
