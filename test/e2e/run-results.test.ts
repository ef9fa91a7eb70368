import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { empty, save } from '../demo/client.ts';
import { readPng } from '../demo/png.ts';
import { startFileServer } from '../rig/file-server.ts';
import { processesOf } from './processes.ts';
import { type Bench, openDemo } from './rig.ts';
import { addTrouble, type Result, resultsIn, talk, writeWorkflows } from './running.ts';

let bench: Bench;
/** A picture of eight by four, blue. */
let blue: Buffer;
beforeAll(async () => {
  bench = openDemo();
  expect((await bench.realize('demo')).summary.ok).toBe(true);
  addTrouble(bench.target);
  writeWorkflows(bench);
  const [result] = resultsIn((await handle('--workflow', 'small.json')).stdout);
  blue = Buffer.from(String(result!.outputs[0]!['data']), 'base64');
});
afterAll(() => bench[Symbol.dispose]());

const handlerOf = (...more: readonly string[]) => [
  'run-handler',
  'demo',
  '--no-realize',
  '--target',
  bench.target,
  ...more,
];
const handle = async (...more: readonly string[]) => bench.pipeline(handlerOf(...more));
/** The color of a picture's first pixel. */
const colorOf = (bytes: Buffer) => [...readPng(bytes).pixels.subarray(0, 3)];
const bytesOf = (result: Result | undefined) => Buffer.from(String(result!.outputs[0]!['data']), 'base64');

describe('files', () => {
  it('are put where they are to go, below the directory the node chose, and nothing else is', async () => {
    bench.write({
      'two.json': { 1: { ...empty, inputs: { ...empty.inputs, batch_size: 2 } }, 2: save('1', 'sub/two') },
    });
    const { exitCode, stdout } = await handle('--workflow', 'two.json', '--out-dir', 'pictures');
    expect(exitCode).toBe(0);
    const [result] = resultsIn(stdout);
    const paths = ['two_00001_.png', 'two_00002_.png'].map((name) => join(bench.project, 'pictures/sub', name));
    expect(result!.outputs.map(({ path }) => path)).toEqual(paths);
    expect(readdirSync(join(bench.project, 'pictures'), { recursive: true })).toEqual([
      'sub',
      'sub/two_00001_.png',
      'sub/two_00002_.png',
    ]);
    for (const [index, path] of paths.entries()) {
      expect(colorOf(readFileSync(path))).toEqual([0, 0, 255]);
      expect(result!.outputs[index]!['size']).toBe(readFileSync(path).length);
    }
  });

  it('never replace what is there', async () => {
    const directory = join(bench.project, 'mine');
    mkdirSync(directory);
    bench.write({ 'own.json': { 1: empty, 2: save('1', 'own') } });
    writeFileSync(join(directory, 'own_00001_.png'), 'mine');
    const [result] = resultsIn(
      (await handle('--workflow', 'own.json', '--output', 'files', '--out-dir', 'mine')).stdout,
    );
    expect(result!.outputs[0]!['path']).toBe(join(directory, 'own_00001_-2.png'));
    expect(readFileSync(join(directory, 'own_00001_.png'), 'utf8')).toBe('mine');
    expect(colorOf(readFileSync(join(directory, 'own_00001_-2.png')))).toEqual([0, 0, 255]);
  });

  it('--out-file takes the documents, and stdout nothing', async () => {
    const { exitCode, stdout } = await handle(
      '--workflow',
      'saying.json',
      '--workflow',
      'small.json',
      '--out-file',
      'out/r.json',
    );
    expect([exitCode, stdout]).toEqual([0, '']);
    const results = resultsIn(readFileSync(join(bench.project, 'out/r.json'), 'utf8'));
    expect(results.map((result) => result.workflow)).toEqual(['saying.json', 'small.json']);
    expect(colorOf(bytesOf(results[1]))).toEqual([0, 0, 255]);
  });
});

describe('input images', () => {
  const inverting = {
    1: { class_type: 'LoadImage', inputs: { image: 'photo.png' } },
    2: { class_type: 'ImageInvert', inputs: { image: ['1', 0] } },
    3: save('2', 'inverted'),
  };

  it.each(['https', 'file', 'data', 'path'])('come from a %s URL, and leave nothing behind', async (kind) => {
    await using files = await startFileServer();
    bench.write({ 'invert.json': inverting });
    writeFileSync(join(bench.project, 'blue.png'), blue);
    // A picture of that name is there already: the user's, and no business of the workflow's.
    writeFileSync(join(bench.target, 'input/photo.png'), 'mine');
    const source = {
      https: files.serve('/blue.png', blue),
      file: `file://${bench.project}/blue.png`,
      data: `data:image/png;base64,${blue.toString('base64')}`,
      path: 'blue.png',
    }[kind]!;
    const { exitCode, stdout } = await handle('--workflow', 'invert.json', '--input-image', `photo.png=${source}`);
    expect(exitCode).toBe(0);
    expect(colorOf(bytesOf(resultsIn(stdout)[0]))).toEqual([255, 255, 0]);
    expect(readdirSync(join(bench.target, 'input')).toSorted()).toEqual(['photo.png', 'put_input_images_here']);
    expect(readFileSync(join(bench.target, 'input/photo.png'), 'utf8')).toBe('mine');
  });

  it('that no node takes are refused, with those that one takes', async () => {
    bench.write({ 'invert.json': inverting });
    const { exitCode, stderr } = await handle('--workflow', 'invert.json', '--input-image', 'foto.png=blue.png');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/No node of invert\.json takes foto\.png\n.*hint: it takes photo\.png/);
  });

  it('that cannot be had are a failure, and --offline keeps to this machine', async () => {
    bench.write({ 'invert.json': inverting });
    await using files = await startFileServer();
    const absent = new URL('/absent.png', files.serve('/x', '')).href;
    const gone = await handle('--workflow', 'invert.json', '--input-image', `photo.png=${absent}`);
    expect([gone.exitCode, gone.stdout]).toEqual([5, '']);
    expect(gone.stderr).toContain('404');
    const asked = files.asked.length;
    const offline = await handle('--offline', '--workflow', 'invert.json', '--input-image', `photo.png=${absent}`);
    expect(offline.exitCode).toBe(5);
    expect(files.asked.length).toBe(asked);
  });
});

describe("the editor's format", () => {
  const drawing = {
    nodes: [
      { id: 1, type: 'EmptyImage', inputs: [], widgets_values: [8, 4, 1, 255] },
      { id: 4, type: 'Note', widgets_values: ['blue'] },
      {
        id: 2,
        type: 'ImageInvert',
        mode: 4,
        inputs: [{ name: 'image', type: 'IMAGE', link: 1 }],
        outputs: [{ type: 'IMAGE' }],
      },
      { id: 3, type: 'SaveImage', inputs: [{ name: 'images', type: 'IMAGE', link: 2 }], widgets_values: ['drawn'] },
    ],
    links: [
      [1, 1, 0, 2, 0, 'IMAGE'],
      [2, 2, 0, 3, 0, 'IMAGE'],
    ],
  };

  it('is converted with what the server knows', async () => {
    bench.write({ 'drawn.json': drawing });
    const { exitCode, stdout } = await handle('--workflow', 'drawn.json');
    expect(exitCode).toBe(0);
    expect(colorOf(bytesOf(resultsIn(stdout)[0]))).toEqual([0, 0, 255]);
  });

  it('is refused where it cannot be, with the nodes and the way out', async () => {
    bench.write({ 'drawn.json': { ...drawing, nodes: [...drawing.nodes, { id: 9, type: 'Elsewhere' }] } });
    const { exitCode, stdout, stderr } = await handle('--workflow', 'drawn.json');
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain('Elsewhere (node 9): The server has no nodes of that class');
    expect(stderr).toContain('Export (API)');
  });
});

it('kept warm, one server runs what comes on stdin, a line each, and each is answered', async () => {
  const { child, line, exitCode } = talk(bench, handlerOf('--keep-warm', '--json', '--workflow', 'small.json'), {
    MY_TOKEN: 'luck-and-more',
  });
  const answer = async () =>
    JSON.parse(await line('stdout', () => true)) as Result & { readonly failure?: { kind: string } };
  expect(await answer()).toMatchObject({ workflow: 'small.json' });
  child.stdin!.write('saying.json\n');
  expect(await answer()).toMatchObject({ workflow: 'saying.json' });
  child.stdin!.write('failing.json\n');
  const failed = await answer();
  expect(failed).toMatchObject({
    workflow: 'failing.json',
    message: expect.stringMatching(/^failing\.json: Failing \(node 2\): ValueError/) as string,
    failure: { kind: 'workflow' },
  });
  // The node's words have the value of a variable that is secret in them.
  expect(JSON.stringify(failed)).toContain('ValueError: no ***');
  child.stdin!.write('absent.json\n{"workflow": 7}\n');
  expect([await answer(), await answer()]).toMatchObject([
    { failure: { kind: 'absent' } },
    { failure: { kind: 'document' } },
  ]);
  // A server that dies is started again.
  child.stdin!.write('leaving.json\n');
  expect(await answer()).toMatchObject({ workflow: 'leaving.json', failure: { kind: 'command' } });
  const graph = { 1: { class_type: 'LoadImage', inputs: { image: 'a.png' } }, 2: save('1') };
  const image = `data:image/png;base64,${blue.toString('base64')}`;
  child.stdin!.write(`${JSON.stringify({ workflow: graph, input_images: { 'a.png': image } })}\n`);
  expect(colorOf(bytesOf(await answer()))).toEqual([0, 0, 255]);
  child.stdin!.end();
  expect(await exitCode).toBe(1);
  const starts: string[] = [];
  await expect(
    line('stderr', (text) => (text.includes('"start-server start"') && starts.push(text), false)),
  ).rejects.toThrow('No such line');
  expect(starts.filter((text) => text.includes('step.finished'))).toHaveLength(2);
  expect(processesOf(bench.directory)).toEqual([]);
});
