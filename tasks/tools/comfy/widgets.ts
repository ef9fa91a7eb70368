import type { Drawn } from './graph.ts';
import type { ClassInput, NodeClass } from './node-class.ts';

/** The values of a node's widgets by name, or why they cannot be told. */
export type Widgets = { readonly values: Readonly<Record<string, unknown>> } | { readonly problem: string };

const controls: ReadonlySet<unknown> = new Set(['fixed', 'increment', 'decrement', 'randomize', true, false]);
const uploads: ReadonlySet<unknown> = new Set(['image', 'video', 'audio', 'file', null, '']);

/**
 * Reads the values that the editor saved with a node. It saves them as a list, in the order of the class's widgets, with
 * values of its own between them: only where every one finds its place is the answer trusted.
 */
export function readWidgets({ widgets_values: saved, inputs }: Drawn, { inputs: known }: NodeClass): Widgets {
  const sockets = new Set(inputs.filter(({ widget }) => !widget).map(({ name }) => name));
  const shown = new Set(inputs.flatMap(({ widget }) => widget?.name ?? []));
  const widgets = known.filter(({ name, isWidget }) => shown.has(name) || (isWidget && !sockets.has(name)));
  const rest = listed(saved, widgets);
  const values: Record<string, unknown> = {};
  for (const widget of widgets) {
    const value = rest.length > 0 ? rest.shift() : widget.initial;
    if (value === undefined) continue;
    if (!fits(value, widget)) return { problem: `What it holds does not fit its input ${widget.name}` };
    values[widget.name] = value;
    if (widget.isControlled && controls.has(rest[0])) {
      rest.shift();
      // Beside a list stands, then, what it is filtered by.
      if (widget.type === 'COMBO' && typeof rest[0] === 'string') rest.shift();
    }
  }
  if (widgets.some(({ isUpload }) => isUpload)) while (rest.length > 0 && uploads.has(rest[0])) rest.shift();
  if (rest.length > 0) return { problem: `It holds ${rest.length} more than its class has inputs for` };
  return { values };
}

/** What was saved by name is put in order; what was left out is as it was at first. */
const listed = (saved: Drawn['widgets_values'], widgets: readonly ClassInput[]): unknown[] =>
  Array.isArray(saved) ? [...saved] : widgets.map(({ name, initial }) => saved?.[name] ?? initial);

function fits(value: unknown, { type }: ClassInput): boolean {
  // A number that is too large for JavaScript is kept as it was written.
  const isNumber = typeof value === 'number' || (typeof value === 'object' && value !== null && 'rawJSON' in value);
  switch (type) {
    case 'INT':
    case 'FLOAT':
      return isNumber;
    case 'BOOLEAN':
      return typeof value === 'boolean';
    case 'STRING':
      return typeof value === 'string';
    case 'COMBO':
      return isNumber || ['string', 'boolean'].includes(typeof value);
    case 'other':
      return true;
  }
}
