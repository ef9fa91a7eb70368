import { describe, expect, it } from 'vitest';

import { describe as inWords } from '#engine';

import { readWorkflow } from '../../tasks/tools/comfy/graph.ts';
import { outputsIn } from '../../tasks/tools/comfy/outputs.ts';
import { Executed, failureIn, refusalIn } from '../../tasks/tools/comfy/record.ts';

const file = (filename: string, more = {}) => ({ filename, subfolder: '', type: 'output', ...more });
const executed = (outputs: unknown, status: unknown = { status_str: 'success', messages: [] }) =>
  Executed.parse({ outputs, status });

it('every output is found, whatever the node calls it, each once', () => {
  const found = outputsIn(
    executed({
      5: { images: [file('a.png'), file('b.png', { subfolder: 'x' })], animated: [false] },
      6: { gifs: [file('c.mp4', { format: 'video/h264-mp4', frame_rate: 8 })], audio: [file('d.flac')] },
      7: { images: [file('e.png', { type: 'temp' }), file('e.png', { type: 'temp' })] },
      8: { text: ['one', 'two'], seed: [7] },
      9: { '3d': [file('f.glb')], images: [{ subfolder: 'no name' }] },
    }),
  );
  expect(found).toEqual([
    { node: '5', name: 'a.png', subfolder: '', folder: 'output' },
    { node: '5', name: 'b.png', subfolder: 'x', folder: 'output' },
    { node: '6', name: 'c.mp4', subfolder: '', folder: 'output' },
    { node: '6', name: 'd.flac', subfolder: '', folder: 'output' },
    { node: '7', name: 'e.png', subfolder: '', folder: 'temp' },
    { node: '8', name: 'node-8.txt', text: 'one' },
    { node: '8', name: 'node-8-2.txt', text: 'two' },
    { node: '9', name: 'f.glb', subfolder: '', folder: 'output' },
  ]);
});

describe('a prompt that did not come to a good end', () => {
  it('has the node, its class and its exception, and where the node was', () => {
    const error = {
      node_id: '3',
      node_type: 'KSampler',
      exception_type: 'RuntimeError',
      exception_message: 'CUDA out of memory\n',
      traceback: ['  File "a.py", line 1\n    x()\n', '  File "b.py", line 2\n'],
    };
    const messages = [
      ['execution_start', {}],
      ['execution_error', error],
    ];
    expect(failureIn(executed({}, { status_str: 'error', messages }), 'w.json')).toEqual({
      failure: {
        kind: 'workflow',
        workflow: 'w.json',
        problem: 'A node failed',
        nodes: [{ id: '3', class: 'KSampler', message: 'RuntimeError: CUDA out of memory' }],
      },
      traceback: ['  File "a.py", line 1', '    x()', '  File "b.py", line 2'],
    });
  });

  it('may have been interrupted, or not say why', () => {
    const interrupted = { status_str: 'error', messages: [['execution_interrupted', { node_id: '1' }]] };
    expect(failureIn(executed({}, interrupted), 'w')?.failure.problem).toBe('Somebody interrupted it');
    expect(failureIn(executed({}, { status_str: 'error' }), 'w')?.failure.problem).toContain('does not say why');
  });

  it('is another than one that did, or of which nothing is said', () => {
    expect(failureIn(executed({}), 'w')).toBeUndefined();
    expect(failureIn(executed({}, null), 'w')).toBeUndefined();
  });
});

describe('a prompt that is refused', () => {
  it('has every node at fault, with all that is wrong with it', () => {
    const body = {
      error: { type: 'prompt_outputs_failed_validation', message: 'Prompt outputs failed validation', details: '' },
      node_errors: {
        4: {
          class_type: 'CheckpointLoader',
          errors: [
            { type: 'value_not_in_list', message: 'Value not in list', details: "ckpt_name: 'x' not in []" },
            { type: 'other', message: 'Also wrong', details: '' },
          ],
        },
      },
    };
    expect(refusalIn({ status: 400, body }, 'w.json')).toEqual({
      kind: 'workflow',
      workflow: 'w.json',
      problem: 'Prompt outputs failed validation',
      nodes: [
        { id: '4', class: 'CheckpointLoader', message: "Value not in list: ckpt_name: 'x' not in []; Also wrong" },
      ],
    });
  });

  it.each([
    [
      { error: { type: 'prompt_no_outputs', message: 'Prompt has no outputs', details: '' }, node_errors: [] },
      'Prompt has no outputs',
    ],
    [{ error: 'invalid', node_errors: {} }, 'invalid'],
    [undefined, 'The server answered 400'],
  ])('may have none: %j', (body, problem) => {
    expect(refusalIn({ status: 400, body }, 'w')).toMatchObject({ problem, nodes: [] });
  });

  it('is also one of which only a part would run', () => {
    const node_errors = { 4: { class_type: 'A', errors: [{ message: 'no' }] } };
    expect(refusalIn({ status: 200, body: { prompt_id: 'x', node_errors } }, 'w')?.nodes).toHaveLength(1);
    expect(refusalIn({ status: 200, body: { prompt_id: 'x', node_errors: {} } }, 'w')).toBeUndefined();
  });
});

it('one node at fault is told in a line, several in one each', () => {
  const failure = { kind: 'workflow', workflow: 'w.json', problem: 'It was refused:' } as const;
  const nodes = ['1', '2'].map((id) => ({ id, class: 'A', message: `no ${id}` }));
  expect(inWords({ ...failure, nodes: nodes.slice(0, 1) }).message).toBe('w.json: A (node 1): no 1');
  expect(inWords({ ...failure, nodes }).message).toBe(
    'w.json: It was refused:\n  A (node 1): no 1\n  A (node 2): no 2',
  );
  expect(inWords({ ...failure, nodes: [], hint: 'ask' })).toEqual({ message: 'w.json: It was refused:', hint: 'ask' });
});

it.each([
  [{}, 'It has no nodes'],
  [[], 'Expected nodes with class_type and inputs'],
  [{ 1: { class_type: 'A' } }, 'Expected nodes with class_type and inputs'],
  [{ nodes: [{ id: 1 }] }, expect.anything()],
])('what is no workflow is refused, with the way out: %j', (value, problem) => {
  const read = (): unknown => readWorkflow(value, 'w.json');
  expect(read).toThrow(
    expect.objectContaining({ failure: expect.objectContaining({ kind: 'document', problem }) as unknown }),
  );
});
