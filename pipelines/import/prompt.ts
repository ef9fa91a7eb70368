import * as z from 'zod/mini';

import type { UsedNode } from './uses.ts';

/** A workflow as the server runs it: nodes by id, of which nothing but the class is known. */
const Prompt = z.record(
  z.string(),
  z.object({ class_type: z.string().check(z.minLength(1)), inputs: z.optional(z.unknown()) }),
);
type Prompt = z.output<typeof Prompt>;

/** Whether a value is a workflow in the format of the API. */
export const isPrompt = (value: unknown): value is Prompt =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0 && Prompt.safeParse(value).success;

/** The nodes of a workflow in the format of the API. */
export const nodesOfPrompt = (prompt: Prompt): readonly UsedNode[] =>
  Object.values(prompt).map(({ class_type: name, inputs }) => ({ class: name, models: [], values: inputs }));
