/** A node, as the page saves it. */
export type Node = Readonly<Record<string, unknown>>;
/** A node of a class, with what it says of itself. */
export const node = (type: string, properties: Node = {}, values: unknown = []): Node => ({
  id: 1,
  type,
  properties,
  widgets_values: values,
});
/** A workflow, as the page saves it. */
export const workflow = (...nodes: readonly Node[]) => ({ last_node_id: 9, nodes, links: [], version: 0.4 });
/** A workflow in the format of the API. */
export const prompt = (...classes: readonly string[]) =>
  Object.fromEntries(classes.map((name, index) => [String(index), { class_type: name, inputs: {} }]));
/** A model, as nodes embed it. */
export const model = { name: 'x.safetensors', url: 'https://models.example/x.safetensors', directory: 'vae' };
/** A hash. */
export const sha256 = 'ab'.repeat(32);

/** The lines but for ComfyUI, of which no line here says anything. */
export const nodesIn = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => !line.includes(' comfyui'));
