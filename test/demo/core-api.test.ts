import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { empty, follow, getJson, picture, queue, save, upload } from './client.ts';
import { writePng } from './png.ts';
import { assembleWithStrangers } from './strangers.ts';
import { type Bench, type Core, hasPython, openBench, type Prompt, startCore, workflow } from './workbench.ts';

const rgb = Buffer.from(Array.from({ length: 6 * 5 * 3 }, (_, index) => (index * index * 37 + index * 11) & 255));
const gray = Buffer.from(rgb.subarray(0, 30));
const grayPixels = Buffer.from([...gray].flatMap((value) => [value, value, value]));
const indexed = Buffer.from([0, 1, 2, 2, 1, 0]);
const palette = Buffer.from([255, 0, 0, 0, 255, 0, 0, 0, 255]);
describe.runIf(hasPython)('the API', () => {
  let bench: Bench;
  let core: Core;
  beforeAll(async () => {
    bench = await openBench();
    core = await startCore(bench, await assembleWithStrangers(bench));
  });
  afterAll(async () => {
    await core[Symbol.asyncDispose]();
    bench[Symbol.dispose]();
  });

  test.each<[string, Prompt | undefined, string, Record<string, string>]>([
    ['no prompt', undefined, 'no_prompt', {}],
    ['no node', {}, 'prompt_no_outputs', {}],
    ['an unknown class', { 1: { class_type: 'Nothing', inputs: {} } }, 'missing_node_type', {}],
    ['the format of the editor', { nodes: [] } as never, 'invalid_prompt', {}],
    [
      'a circle',
      { 1: { class_type: 'ImageInvert', inputs: { image: ['1', 0] } }, 2: save('1') },
      'dependency_cycle',
      {},
    ],
    [
      'missing inputs',
      { 1: { class_type: 'SaveImage', inputs: {} } },
      'prompt_outputs_failed_validation',
      { 1: 'required_input_missing required_input_missing' },
    ],
    ['a link to nowhere', { 1: save('7') }, 'prompt_outputs_failed_validation', { 1: 'bad_linked_input' }],
    [
      'a link of another type',
      { 1: { class_type: 'PaletteLoader', inputs: { palette_name: 'ocean.safetensors' } }, 2: save('1') },
      'prompt_outputs_failed_validation',
      { 2: 'return_type_mismatch' },
    ],
    [
      'a model that is not there',
      { 1: { class_type: 'PaletteLoader', inputs: { palette_name: 'lava.safetensors' } }, 2: save('1') },
      'prompt_outputs_failed_validation',
      { 1: 'value_not_in_list', 2: 'return_type_mismatch' },
    ],
    [
      'values out of bounds',
      { 1: { ...empty, inputs: { ...empty.inputs, width: 0, height: 5000, color: 'red' } }, 2: save('1') },
      'prompt_outputs_failed_validation',
      { 1: 'value_smaller_than_min value_bigger_than_max invalid_input_type' },
    ],
  ])('refuses %s with 400 and says which node is wrong', async (_, prompt, type, nodes) => {
    const refused = await queue(core, prompt);
    expect(refused.status).toBe(400);
    expect(refused.error?.type).toBe(type);
    const types = Object.entries(refused.node_errors).map(([id, { errors }]) => [
      id,
      errors.map((error) => error.type).join(' '),
    ]);
    expect(Object.fromEntries(types)).toEqual(nodes);
  });

  test('runs the outputs that are right beside those that are wrong', async () => {
    const queued = await queue(core, { 1: empty, 2: save('1', 'partly/right'), 3: save('9') });
    expect(queued.status).toBe(200);
    expect(Object.keys(queued.node_errors)).toEqual(['3']);
    const { outputs } = await follow(core, queued.prompt_id!);
    expect(outputs).toEqual({ 2: { images: [{ filename: 'right_00001_.png', subfolder: 'partly', type: 'output' }] } });
  });

  test('a picture that is uploaded can be loaded, and comes out as it went in', async () => {
    const made = await picture(core, workflow('gradient'));
    const file = readFileSync(join(core.home, 'output/gradient_00001_.png'));
    expect(await upload(core, 'süß.png', file, 'mine')).toEqual({ name: 'süß.png', subfolder: 'mine', type: 'input' });
    expect(await upload(core, 'süß.png', file, 'mine')).toEqual({
      name: 'süß (1).png',
      subfolder: 'mine',
      type: 'input',
    });
    expect(readFileSync(join(core.home, 'input/mine/süß.png')).equals(file)).toBe(true);
    const again = await picture(core, {
      1: { class_type: 'LoadImage', inputs: { image: 'mine/süß.png' } },
      2: save('1'),
    });
    expect(again.pixels.equals(made.pixels)).toBe(true);
  });

  test.each<[string, Parameters<typeof writePng>[0], Buffer]>([
    ...([0, 1, 2, 3, 4] as const).map(
      (filter) =>
        [`filter ${filter}`, { width: 6, samples: rgb, colorType: 2, filter }, rgb] as [
          string,
          Parameters<typeof writePng>[0],
          Buffer,
        ],
    ),
    ['gray', { width: 6, samples: gray, colorType: 0, filter: 4 }, grayPixels],
    [
      'gray and alpha',
      { width: 6, samples: Buffer.from([...gray].flatMap((value) => [value, 9])), colorType: 4, filter: 3 },
      grayPixels,
    ],
    [
      'a palette',
      { width: 3, samples: indexed, colorType: 3, palette },
      Buffer.from([...indexed].flatMap((index) => [...palette.subarray(index * 3, index * 3 + 3)])),
    ],
    [
      'RGB and alpha',
      {
        width: 6,
        samples: Buffer.from(Array.from({ length: 120 }, (_, n) => (n % 4 === 3 ? 7 : rgb[n - (n >> 2)]!))),
        colorType: 6,
        filter: 1,
      },
      rgb,
    ],
  ])('loads a PNG file with %s', async (kind, what, pixels) => {
    const name = `${kind}.png`;
    await upload(core, name, writePng(what));
    const loaded = await picture(core, { 1: { class_type: 'LoadImage', inputs: { image: name } }, 2: save('1') });
    expect(loaded.pixels.equals(pixels)).toBe(true);
  });

  test.each([
    ['/view?filename=../main.py', 400],
    ['/view?filename=main.py&subfolder=..', 400],
    ['/view?filename=/etc/passwd', 400],
    ['/view?filename=x.png&subfolder=/etc', 400],
    ['/view?filename=x.png&type=models', 400],
    ['/view?filename=absent.png', 404],
    ['/view?filename=%00', 400],
    ['/nothing', 404],
    ['/ws', 426],
  ])('%s is answered with %i', async (path, status) => {
    const response = await fetch(core.origin + path);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { type: expect.any(String) as string } });
  });

  test('a name that leads out of the output directory is an error of the node', async () => {
    const queued = await queue(core, { 1: empty, 2: save('1', '../outside') });
    const { status } = await follow(core, queued.prompt_id!);
    expect(status.messages.at(-1)?.[1]).toMatchObject({ node_type: 'SaveImage', exception_type: 'ValueError' });
    expect(existsSync(join(core.home, 'outside_00001_.png'))).toBe(false);
  });

  test('a page from elsewhere may not use a server of this machine', async () => {
    const ask = async (origin: string) => (await fetch(`${core.origin}/queue`, { headers: { origin } })).status;
    expect(await ask('https://elsewhere.invalid')).toBe(403);
    expect(await ask(core.origin)).toBe(200);
  });

  test('the page, the old prefix of the API, and the last entries of the history are there', async () => {
    const page = await fetch(core.origin);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await page.text()).not.toMatch(/(?:src|href)="https?:/);
    expect(await getJson(core, '/api/prompt')).toEqual({ exec_info: { queue_remaining: 0 } });
    await picture(core, workflow('hello'));
    expect(Object.keys((await getJson(core, '/history?max_items=1')) as object)).toHaveLength(1);
  });
});
