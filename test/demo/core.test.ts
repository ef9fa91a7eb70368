import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { empty, follow, getJson, picture, post, queue, save } from './client.ts';
import { colorsOf, readPng } from './png.ts';
import { assembleWithStrangers } from './strangers.ts';
import {
  assemble,
  type Bench,
  copyModels,
  type Core,
  hasPython,
  openBench,
  run,
  startCore,
  withWheels,
  workflow,
} from './workbench.ts';

/** What comes over `/ws`, as far as it is read here. */
interface Message {
  readonly type: string;
  readonly data: { readonly node?: string | null; readonly prompt_id?: string; readonly value?: number };
}

describe.runIf(hasPython)('the core', () => {
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

  test('loads the nodes of this directory, reports those that fail, and serves all the same', async () => {
    const printed = core.printed.join('\n');
    expect(printed).toMatch(/ s {2}comfyui-demo-gradient$/m);
    expect(printed).toMatch(/ s {2}Demo-Palette$/m);
    expect(printed).toMatch(/ s {2}broken \(IMPORT FAILED\)$/m);
    expect(printed).toMatch(/ s {2}leaves\.py \(IMPORT FAILED\)$/m);
    expect(printed).toContain("ModuleNotFoundError: No module named 'no_such_module'");
    expect(printed).not.toContain('loaded');
    const classes = (await getJson(core, '/object_info')) as Record<string, { python_module: string }>;
    expect(classes['DemoApplyPalette']?.python_module).toBe('custom_nodes.Demo-Palette');
    expect(classes['SaveImage']?.python_module).toBe('nodes');
    expect(await getJson(core, '/object_info/PaletteLoader')).toMatchObject({
      PaletteLoader: {
        input: { required: { palette_name: [['ocean.safetensors', 'sunset.safetensors']] } },
        output: ['PALETTE'],
      },
    });
    expect(await getJson(core, '/system_stats')).toMatchObject({
      system: { comfyui_version: '1.1.0', argv: ['main.py', '--port', '0', '--cpu', '--disable-auto-launch'] },
    });
  });

  test('runs the gradient workflow: the picture has the right size and only colors of the palette', async () => {
    const sunset = await picture(core, workflow('gradient'));
    expect([sunset.width, sunset.height]).toEqual([256, 256]);
    const model = readFileSync(join(bench.sources, 'models/sunset.safetensors'));
    const start = 8 + Number(model.readBigUInt64LE(0));
    const palette = new Set(
      Array.from({ length: 256 }, (_, index) => model.toString('hex', start + index * 3, start + index * 3 + 3)),
    );
    const colors = colorsOf(sunset);
    expect([...colors].filter((color) => !palette.has(color))).toEqual([]);
    expect(colors.size).toBeGreaterThan(100);
    expect((await picture(core, workflow('gradient'))).pixels.equals(sunset.pixels)).toBe(true);
  });

  test('runs the hello workflow, which needs no custom node', async () => {
    const hello = await picture(core, workflow('hello'));
    expect(colorsOf(hello)).toEqual(new Set([(0xffffff - 3_900_150).toString(16)]));
  });

  test('tells over /ws what it does, and the history is there when it says that it is done', async () => {
    const socket = new WebSocket(`${core.origin.replace('http', 'ws')}/ws?clientId=me`);
    const messages: Message[] = [];
    let id: string | undefined;
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('error', () => reject(new Error('The connection broke')));
      socket.addEventListener('message', ({ data }) => {
        const message = JSON.parse(String(data)) as Message;
        messages.push(message);
        if (messages.length === 1)
          queue(core, workflow('gradient'), { client_id: 'me' }).then((queued) => (id = queued.prompt_id), reject);
        if (message.type === 'executing' && message.data.node === null) resolve();
      });
    });
    const history = (await getJson(core, '/history')) as Record<string, unknown>;
    expect(messages[0]).toEqual({ type: 'status', data: { status: { exec_info: { queue_remaining: 0 } }, sid: 'me' } });
    const own = messages.filter(({ type }) => type !== 'status' && type !== 'progress');
    expect(own.map(({ type, data }) => `${type} ${data.node ?? ''}`.trim())).toEqual([
      'execution_start',
      'execution_cached',
      'executing 1',
      'executing 2',
      'executing 3',
      'executing 4',
      'executing 5',
      'executed 5',
      'execution_success',
      'executing',
    ]);
    expect(own.every(({ data }) => data.prompt_id === id)).toBe(true);
    expect(messages.findLast(({ type, data }) => type === 'progress' && data.node === '2')?.data).toMatchObject({
      value: 256,
      max: 256,
    });
    expect(Object.keys(history)).toContain(id);
    const closed = new Promise<CloseEvent>((resolve) => socket.addEventListener('close', resolve));
    socket.close(1000);
    expect((await closed).wasClean).toBe(true);
  });

  test('a node that fails ends its prompt with its name, and the next prompt runs', async () => {
    const queued = await queue(core, {
      1: empty,
      bad: { class_type: 'Failing', inputs: { image: ['1', 0] } },
      3: save('bad'),
    });
    const { outputs, status } = await follow(core, queued.prompt_id!);
    expect(outputs).toEqual({});
    expect(status).toMatchObject({ status_str: 'error', completed: false });
    expect(status.messages.at(-1)).toMatchObject([
      'execution_error',
      {
        node_id: 'bad',
        node_type: 'Failing',
        exception_message: 'no luck',
        exception_type: 'ValueError',
        executed: ['1'],
      },
    ]);
    expect((await picture(core, { 1: empty, 2: save('1') })).width).toBe(8);
  });

  test('a prompt that runs can be interrupted, one that waits can be taken back', async () => {
    const running = await queue(core, { 1: { class_type: 'Waiting', inputs: {} } });
    const waiting = await queue(core, workflow('hello'));
    let state: { queue_running: unknown[][]; queue_pending: unknown[][] };
    do state = (await getJson(core, '/queue')) as typeof state;
    while (state.queue_running.length === 0);
    expect(state.queue_running.map((job) => job[1])).toEqual([running.prompt_id]);
    expect(state.queue_pending.map((job) => job[1])).toEqual([waiting.prompt_id]);
    await post(core, '/queue', { delete: [waiting.prompt_id] });
    await post(core, '/interrupt', {});
    const { status } = await follow(core, running.prompt_id!);
    expect(status.messages.at(-1)).toMatchObject(['execution_interrupted', { node_id: '1', node_type: 'Waiting' }]);
    expect(await getJson(core, '/queue')).toEqual({ queue_running: [], queue_pending: [] });
    expect(await getJson(core, `/history/${waiting.prompt_id}`)).toEqual({});
  });

  test('1.0.0 of everything runs the same workflow, and makes another picture', async () => {
    const earlier = await assemble(bench, '1.0.0');
    copyModels(bench, join(earlier, 'models/palettes'));
    await using old = await startCore(bench, earlier);
    expect(await getJson(old, '/system_stats')).toMatchObject({ system: { comfyui_version: '1.0.0' } });
    const [before, now] = [await picture(old, workflow('gradient')), await picture(core, workflow('gradient'))];
    expect([before.width, before.height]).toEqual([256, 256]);
    expect(before.pixels.equals(now.pixels)).toBe(false);
  });

  test('--quick-test-for-ci loads everything and leaves; an unknown argument is refused', async () => {
    const options = { cwd: core.home, env: withWheels(bench) };
    const { stdout } = await run('python3', ['main.py', '--quick-test-for-ci'], options);
    expect(stdout).toContain('11 node classes');
    await expect(run('python3', ['main.py', '--nonsense'], options)).rejects.toMatchObject({ code: 2 });
  });

  test('a port that is taken is said in one line', async () => {
    const started = run('python3', ['main.py', '--port', new URL(core.origin).port], {
      cwd: core.home,
      env: withWheels(bench),
    });
    await expect(started).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Cannot listen on 127\.0\.0\.1:\d+: /m) as string,
    });
  });

  test('what it saves can be looked into with demo-png', async () => {
    await picture(core, workflow('gradient'));
    const file = join(core.home, 'output/gradient_00001_.png');
    const { stdout } = await run(
      'python3',
      ['-c', 'import sys; from demo_png.command import main; sys.exit(main())', '--prompt', file],
      { env: withWheels(bench) },
    );
    expect(JSON.parse(stdout)).toEqual(workflow('gradient'));
    expect(readPng(readFileSync(file)).width).toBe(256);
  });
});
