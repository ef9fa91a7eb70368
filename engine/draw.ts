import type { Plan } from './plan.ts';

/** The languages a plan can be drawn in. */
export type Drawing = 'mermaid' | 'dot';

/** A plan as a graph, one box a step, arrows in the direction data flows. */
export function draw({ steps }: Plan, drawing: Drawing): string {
  const arrows = steps.flatMap(({ id, needs }) => needs.map((needed) => [needed, id] as const));
  const lines =
    drawing === 'mermaid'
      ? [
          'flowchart LR',
          ...steps.map(({ id, step, title }) => `  s${id}["${mermaidText(`${step.task.name}: ${title}`)}"]`),
          ...arrows.map(([from, to]) => `  s${from} --> s${to}`),
        ]
      : [
          'digraph pipeline {',
          '  rankdir=LR; node [shape=box];',
          ...steps.map(({ id, step, title }) => `  s${id} [label=${JSON.stringify(`${step.task.name}\n${title}`)}];`),
          ...arrows.map(([from, to]) => `  s${from} -> s${to};`),
          '}',
        ];
  return `${lines.join('\n')}\n`;
}

/** Mermaid reads `#nn;` as a character; everything that could end the label is written that way. */
const mermaidText = (text: string): string =>
  text.replaceAll(/[#"<>&;[\]{}|`]/g, (character) => `#${character.codePointAt(0)};`);
