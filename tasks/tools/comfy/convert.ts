import { Failed } from '#engine';

import type { Drawing, Drawn, Graph } from './graph.ts';
import type { NodeClass } from './node-class.ts';
import { readWidgets } from './widgets.ts';

/** Nodes that exist in the editor alone. */
const notes: ReadonlySet<string> = new Set(['Note', 'MarkdownNote']);
const passing: ReadonlySet<string> = new Set(['Reroute', 'PrimitiveNode']);

const muted = 2;
const bypassed = 4;

/** What an input is given: an output of a node, a value, or nothing. */
type Given = { readonly from: readonly [node: string, output: number] } | { readonly value: unknown } | undefined;

/** The nodes of a drawing that run, in its order. */
export const running = ({ nodes }: Drawing): readonly Drawn[] =>
  nodes.filter(({ type, mode }) => mode !== muted && mode !== bypassed && !notes.has(type) && !passing.has(type));

/**
 * The API format of what the editor saved, with the classes that the server knows. Throws Failed (workflow) with every
 * node that cannot be converted, and what to do instead. `file` names the workflow there.
 */
export function convert(drawing: Drawing, classes: ReadonlyMap<string, NodeClass>, file: string): Graph {
  const graph: Record<string, Graph[string]> = {};
  const problems: { readonly id: string; readonly class: string; readonly message: string }[] = [];
  for (const node of running(drawing)) {
    const converted = convertNode(node, drawing, classes);
    if ('problem' in converted) problems.push({ id: node.id, class: node.type, message: converted.problem });
    else graph[node.id] = converted.node;
  }
  if (problems.length === 0) return graph;
  throw new Failed({
    kind: 'workflow',
    workflow: file,
    problem: "It is in the editor's format, and cannot be converted:",
    nodes: problems,
    hint: 'open it with `pipeline run-ui`, and save it as Workflow, Export (API)',
  });
}

function convertNode(
  node: Drawn,
  drawing: Drawing,
  classes: ReadonlyMap<string, NodeClass>,
): { readonly node: Graph[string] } | { readonly problem: string } {
  const isSubgraph = drawing.definitions?.subgraphs?.some((one) => (one as { readonly id?: unknown }).id === node.type);
  if (isSubgraph) return { problem: 'It is a subgraph' };
  const known = classes.get(node.type);
  if (known === undefined) return { problem: 'The server has no nodes of that class' };
  const widgets = readWidgets(node, known);
  if ('problem' in widgets) return widgets;
  const inputs: Record<string, unknown> = { ...widgets.values };
  for (const { name, link } of node.inputs) {
    const given = follow(link, drawing);
    if (given !== undefined) inputs[name] = 'from' in given ? given.from : given.value;
  }
  return { node: { class_type: node.type, inputs, _meta: { title: node.title ?? node.type } } };
}

/** Where a link begins, through everything that only passes on. A drawing may go round in circles. */
function follow(link: number | null | undefined, drawing: Drawing, seen: readonly number[] = []): Given {
  if (link === null || link === undefined || seen.includes(link)) return undefined;
  const [, id, output = 0] = drawing.links.find(([number]) => number === link) ?? [];
  const origin = drawing.nodes.find((node) => node.id === id);
  if (origin === undefined || origin.mode === muted) return undefined;
  const on = (next: Drawn['inputs'][number] | undefined): Given => follow(next?.link, drawing, [...seen, link]);
  if (origin.mode === bypassed) return on(bypass(origin, output));
  if (origin.type === 'Reroute') return on(origin.inputs[0]);
  if (origin.type === 'PrimitiveNode') {
    const [value] = Array.isArray(origin.widgets_values) ? (origin.widgets_values as readonly unknown[]) : [];
    return value === undefined ? undefined : { value };
  }
  return { from: [origin.id, output] };
}

/** The input that a bypassed node passes on as its output: the one in the same place, else the first of the same type. */
function bypass({ inputs, outputs }: Drawn, output: number): Drawn['inputs'][number] | undefined {
  const type = outputs[output]?.type;
  const fits = (input: Drawn['inputs'][number] | undefined): boolean =>
    input !== undefined && (input.type === type || input.type === '*' || type === '*');
  return fits(inputs[output]) ? inputs[output] : inputs.find((input) => fits(input));
}
