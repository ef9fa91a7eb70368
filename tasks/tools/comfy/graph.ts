import * as z from 'zod/mini';

import { Failed } from '#engine';

/** A workflow in API format: what `POST /prompt` takes. A node by its id. */
export type Graph = z.infer<typeof Graph>;
export const Graph = z.record(
  z.string(),
  z.looseObject({
    class_type: z.string().check(z.minLength(1)),
    inputs: z.record(z.string(), z.unknown()),
    _meta: z.optional(z.looseObject({ title: z.optional(z.string()) })),
  }),
);

const NodeNumber = z.pipe(z.union([z.number(), z.string()]), z.transform(String));

const DrawnInput = z.looseObject({
  name: z.string(),
  type: z.unknown(),
  link: z.nullish(z.number()),
  widget: z.nullish(z.looseObject({ name: z.string() })),
});

/** One node as the editor saves it, as far as it is read here. */
export type Drawn = z.infer<typeof Drawn>;
const Drawn = z.looseObject({
  id: NodeNumber,
  type: z.string(),
  title: z.optional(z.string()),
  /** 0 and 1 run; 2 is muted, 4 is bypassed. */
  mode: z._default(z.number(), 0),
  inputs: z.pipe(
    z.nullish(z.array(DrawnInput)),
    z.transform((inputs) => inputs ?? []),
  ),
  outputs: z.pipe(
    z.nullish(z.array(z.looseObject({ type: z.unknown() }))),
    z.transform((outputs) => outputs ?? []),
  ),
  widgets_values: z.nullish(z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())])),
});

/** A workflow as the editor saves it. A link: its number, where it comes from (node, output), where it leads to. */
export type Drawing = z.infer<typeof Drawing>;
export const Drawing = z.looseObject({
  nodes: z.array(Drawn),
  links: z._default(z.array(z.tuple([z.number(), NodeNumber, z.number(), NodeNumber, z.number()], z.unknown())), []),
  definitions: z.optional(z.looseObject({ subgraphs: z.optional(z.array(z.unknown())) })),
});

/** A workflow in either format. */
export type Workflow =
  | { readonly format: 'api'; readonly graph: Graph }
  | { readonly format: 'editor'; readonly drawing: Drawing };

/** Reads a workflow from its JSON. `file` names it in the failure. Throws Failed (document). */
export function readWorkflow(value: unknown, file: string): Workflow {
  const isDrawing = typeof value === 'object' && value !== null && 'nodes' in value && Array.isArray(value.nodes);
  const read = isDrawing ? Drawing.safeParse(value) : Graph.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new Failed({
      kind: 'document',
      file,
      ...(issue!.path.length > 0 && { at: issue!.path.join('.') }),
      problem: isDrawing ? issue!.message : 'Expected nodes with class_type and inputs',
      hint: 'export it from the editor: Workflow, Export (API)',
    });
  }
  if (isDrawing) return { format: 'editor', drawing: read.data as Drawing };
  if (Object.keys(read.data).length === 0) throw new Failed({ kind: 'document', file, problem: 'It has no nodes' });
  return { format: 'api', graph: read.data as Graph };
}
