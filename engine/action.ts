import type { SiteTools } from './tools.ts';
import type { Action, Executor } from './workshop.ts';

/** The tools of one action, and how to put them away. Only placed tasks may touch `site`. */
export interface Toolbox extends AsyncDisposable {
  readonly tools: SiteTools;
}

/** Runs one action with the given tools: the same function wherever the worker is. */
async function runAction({ planned, input }: Action, tools: SiteTools): Promise<unknown> {
  const { task } = planned.step;
  return task.run(input, tools);
}

/** Runs actions in this process. */
export const localExecutor = (openTools: (action: Action) => Promise<Toolbox>): Executor => ({
  async run(action) {
    await using toolbox = await openTools(action);
    return await runAction(action, toolbox.tools);
  },
});
