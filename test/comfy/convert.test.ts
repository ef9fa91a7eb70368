import { expect, it } from 'vitest';

import { toFailure } from '#engine';

import { convert } from '../../tasks/tools/comfy/convert.ts';
import { Drawing } from '../../tasks/tools/comfy/graph.ts';
import { readNodeClass } from '../../tasks/tools/comfy/node-class.ts';

/** Classes as a server tells them. */
const info: Readonly<Record<string, unknown>> = {
  EmptyImage: {
    input: { required: { width: ['INT', { default: 64 }], height: ['INT', {}], color: ['INT', { default: 7 }] } },
  },
  Sampler: {
    input: {
      required: {
        image: ['IMAGE'],
        seed: ['INT', { control_after_generate: true }],
        steps: ['INT', {}],
        name: [['euler', 'heun'], {}],
        scale: ['FLOAT', { forceInput: true }],
      },
      optional: { text: ['STRING', {}], fast: ['BOOLEAN', {}], mask: ['MASK'] },
    },
    // A server tells the order apart from the inputs.
    input_order: { required: ['image', 'name', 'seed', 'steps', 'scale'], optional: ['text', 'fast', 'mask'] },
  },
  LoadImage: { input: { required: { image: [['a.png'], { image_upload: true }] } } },
  SaveImage: { input: { required: { images: ['IMAGE'], prefix: ['STRING', { default: 'x' }] } } },
  Number: { input: { required: { value: ['FLOAT', {}] } } },
};

const classes = new Map(Object.keys(info).map((name) => [name, readNodeClass(info, name)!] as const));

/** Converts what the editor would have saved. */
const convertDrawing = (nodes: readonly object[], links: readonly unknown[] = [], more = {}) =>
  convert(Drawing.parse({ nodes, links, ...more }), classes, 'w.json');

const image = { id: 1, type: 'EmptyImage', widgets_values: [8, 4, 255] };
const save = (link: number | null) => ({
  id: 9,
  type: 'SaveImage',
  inputs: [{ name: 'images', type: 'IMAGE', link }],
  widgets_values: ['out'],
});
const from = (id: number) => [String(id), 0];

const between = (mode: number) => ({
  id: 2,
  type: 'Sampler',
  mode,
  inputs: [
    { name: 'mask', type: 'MASK', link: null },
    { name: 'image', type: 'IMAGE', link: 3 },
  ],
  outputs: [{ name: 'IMAGE', type: 'IMAGE' }],
});
const reroute = (id: number, link: number) => ({ id, type: 'Reroute', inputs: [{ name: '', type: '*', link }] });

it('widgets and links become inputs, ids become text, titles stay', () => {
  const titled = { ...image, title: 'My picture' };
  expect(convertDrawing([titled, save(3)], [[3, 1, 0, 9, 0, 'IMAGE']])).toEqual({
    1: { class_type: 'EmptyImage', inputs: { width: 8, height: 4, color: 255 }, _meta: { title: 'My picture' } },
    9: { class_type: 'SaveImage', inputs: { images: from(1), prefix: 'out' }, _meta: { title: 'SaveImage' } },
  });
});

it('values stand in the order that the server tells, with what the editor keeps between them left out', () => {
  const sampler = {
    id: 2,
    type: 'Sampler',
    inputs: [
      { name: 'image', type: 'IMAGE', link: 3 },
      { name: 'scale', type: 'FLOAT', link: 4 },
      { name: 'mask', type: 'MASK', link: null },
    ],
    widgets_values: ['heun', 99, 'randomize', 20, 'a text', true],
  };
  const number = { id: 5, type: 'Number', widgets_values: [0.5] };
  const links = [
    [3, 1, 0, 2, 0, 'IMAGE'],
    [4, 5, 0, 2, 1, 'FLOAT'],
  ];
  expect(convertDrawing([image, sampler, number], links)['2']!.inputs).toEqual({
    image: from(1),
    scale: from(5),
    name: 'heun',
    seed: 99,
    steps: 20,
    text: 'a text',
    fast: true,
  });
});

it('a widget that is linked takes what comes over the link, and keeps its place among the values', () => {
  const linked = { ...image, inputs: [{ name: 'height', type: 'INT', link: 6, widget: { name: 'height' } }] };
  const number = { id: 5, type: 'Number', widgets_values: [32] };
  expect(convertDrawing([linked, number], [[6, 5, 0, 1, 0, 'INT']])['1']!.inputs).toEqual({
    width: 8,
    height: from(5),
    color: 255,
  });
});

it('what the editor saved by name is read by name, and what it did not save is as the class has it', () => {
  expect(convertDrawing([{ ...image, widgets_values: { height: 2 } }])['1']!.inputs).toEqual({
    width: 64,
    height: 2,
    color: 7,
  });
  expect(convertDrawing([{ ...image, widgets_values: [1, 2] }])['1']!.inputs).toEqual({
    width: 1,
    height: 2,
    color: 7,
  });
});

it('the value of an upload button is left out', () => {
  expect(convertDrawing([{ id: 1, type: 'LoadImage', widgets_values: ['a.png', 'image'] }])['1']!.inputs).toEqual({
    image: 'a.png',
  });
});

it('reroutes are followed, primitives give their value, notes are left out', () => {
  const nodes = [
    { ...image, inputs: [{ name: 'width', type: 'INT', link: 7, widget: { name: 'width' } }] },
    { id: 2, type: 'Reroute', inputs: [{ name: '', type: '*', link: 3 }] },
    { id: 3, type: 'PrimitiveNode', widgets_values: [512, 'fixed'] },
    { id: 4, type: 'Note', widgets_values: ['remember'] },
    { id: 5, type: 'MarkdownNote', widgets_values: ['# remember'] },
    save(4),
  ];
  const links = [
    [3, 1, 0, 2, 0, '*'],
    [4, 2, 0, 9, 0, 'IMAGE'],
    [7, 3, 0, 1, 0, 'INT'],
  ];
  const graph = convertDrawing(nodes, links);
  expect(Object.keys(graph)).toEqual(['1', '9']);
  expect(graph['1']!.inputs['width']).toBe(512);
  expect(graph['9']!.inputs['images']).toEqual(from(1));
});

it('a bypassed node passes on the input of the same type, a muted one passes nothing', () => {
  const links = [
    [3, 1, 0, 2, 1, 'IMAGE'],
    [4, 2, 0, 9, 0, 'IMAGE'],
  ];
  const bypassed = convertDrawing([image, between(4), save(4)], links);
  expect(Object.keys(bypassed)).toEqual(['1', '9']);
  expect(bypassed['9']!.inputs['images']).toEqual(from(1));
  expect(convertDrawing([image, between(2), save(4)], links)['9']!.inputs).toEqual({ prefix: 'out' });
});

it('a drawing that goes round in circles ends', () => {
  const links = [
    [1, 2, 0, 3, 0, '*'],
    [2, 3, 0, 2, 0, '*'],
    [4, 2, 0, 9, 0, 'IMAGE'],
  ];
  expect(convertDrawing([reroute(2, 2), reroute(3, 1), save(4)], links)['9']!.inputs).toEqual({ prefix: 'out' });
});

/** What is told of a drawing that cannot be converted. */
function failureOf(nodes: readonly object[], more = {}) {
  try {
    convertDrawing(nodes, [], more);
  } catch (error) {
    return toFailure(error);
  }
  throw new Error('It was converted');
}

it('what cannot be converted is named node by node, with the way out', () => {
  const failure = failureOf(
    [
      { id: 1, type: 'Unknown' },
      { id: 2, type: 'EmptyImage', widgets_values: ['wide', 4, 255] },
      { id: 3, type: 'EmptyImage', widgets_values: [1, 2, 3, 4] },
      { id: 4, type: 'b7c1' },
      image,
    ],
    { definitions: { subgraphs: [{ id: 'b7c1' }] } },
  );
  expect(failure).toMatchObject({
    kind: 'workflow',
    workflow: 'w.json',
    nodes: [
      { id: '1', class: 'Unknown', message: expect.stringContaining('no nodes of that class') as string },
      { id: '2', class: 'EmptyImage', message: expect.stringContaining('width') as string },
      { id: '3', class: 'EmptyImage', message: expect.stringContaining('1 more') as string },
      { id: '4', class: 'b7c1', message: expect.stringContaining('subgraph') as string },
    ],
    hint: expect.stringContaining('Export (API)') as string,
  });
});
