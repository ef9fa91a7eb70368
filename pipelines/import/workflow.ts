import * as z from 'zod/mini';

import { present } from '../documents/present.ts';
import type { UsedNode } from './uses.ts';

const Text = z.catch(z.optional(z.string().check(z.trim(), z.minLength(1))), undefined);
const List = z.catch(z.array(z.unknown()), []);
const Properties = z.object({ cnr_id: Text, aux_id: Text, ver: Text, models: List });

/** What is read of a node as the page saves it. Everything else is nobody's business here. */
const Node = z.object({
  type: z.string(),
  properties: z.catch(Properties, { cnr_id: undefined, aux_id: undefined, ver: undefined, models: [] }),
  widgets_values: z.optional(z.unknown()),
});

/** A graph, with the graphs that its nodes may stand for. */
interface Graph {
  readonly id?: string;
  readonly nodes: readonly unknown[];
  readonly inner: readonly Graph[];
}

/** Whether a value is a workflow as the page saves it. */
export const isWorkflow = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && 'nodes' in value && Array.isArray(value.nodes);

/** The nodes of a workflow as the page saves it, those of its groups and subgraphs too. */
export function nodesOfWorkflow(value: Readonly<Record<string, unknown>>): readonly UsedNode[] {
  const graphs = flat(graphOf(value));
  const ids = new Set(graphs.map(({ id }) => id));
  // `workflow/x` and `workflow>x` stand for a group of the same file.
  const isInner = (type: string): boolean => ids.has(type) || /^workflow[/>]/.test(type);
  const nodes = graphs.flatMap(({ nodes: found }) => found.flatMap((node) => Node.safeParse(node).data ?? []));
  const whole: readonly unknown[] = Array.isArray(value['models']) ? value['models'] : [];
  return [
    ...(whole.length > 0 ? [{ class: '', models: whole, values: undefined }] : []),
    ...nodes.filter(({ type }) => type !== '' && !isInner(type)).map(usedNode),
  ];
}

const usedNode = ({
  type,
  properties: { cnr_id: cnrId, aux_id: auxId, ver: version, models },
  widgets_values: values,
}: z.output<typeof Node>): UsedNode => present({ class: type, cnrId, auxId, version, models, values });

function graphOf(value: unknown): Graph {
  const fields = recordOf(value);
  const definitions = recordOf(fields['definitions'])['subgraphs'];
  const groups = Object.values(recordOf(recordOf(fields['extra'])['groupNodes']));
  const inner = [...(Array.isArray(definitions) ? definitions : []), ...groups];
  const { id, nodes } = fields;
  return present({
    id: typeof id === 'string' ? id : undefined,
    nodes: Array.isArray(nodes) ? nodes : [],
    inner: inner.map(graphOf),
  });
}

const flat = (graph: Graph): readonly Graph[] => [graph, ...graph.inner.flatMap(flat)];

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
