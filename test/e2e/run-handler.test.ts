import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { Event } from '#engine';

import { colorsOf, readPng } from '../demo/png.ts';
import { workflow } from '../demo/workbench.ts';
import { canLook, processesOf } from './processes.ts';
import { type Bench, openDemo } from './rig.ts';
import { addTrouble, eventsIn, makeTarget, resultsIn, talk, writeWorkflows } from './running.ts';

let bench: Bench;
beforeAll(async () => {
  bench = openDemo();
  expect((await bench.realize('demo')).summary.ok).toBe(true);
  addTrouble(bench.target);
  writeWorkflows(bench);
  bench.write({ 'gradient.json': workflow('gradient') });
});
afterAll(() => bench[Symbol.dispose]());

/** `pipeline run-handler demo --no-realize ...` */
const handlerOf = (...more: readonly string[]) => [
  'run-handler',
  'demo',
  '--no-realize',
  '--target',
  bench.target,
  ...more,
];
const handle = async (...more: readonly string[]) => bench.pipeline(handlerOf(...more));
/** The exit code and the first words of a run that prints nothing. */
const said = async (...more: readonly string[]) => {
  const { exitCode, stdout, stderr } = await handle(...more);
  expect(stdout).toBe('');
  return [exitCode, stderr.split('\n')[0]];
};
const finished = (events: readonly Event[]) => events.filter((event) => event.type === 'step.finished');

it('a workflow becomes a document with its picture, alone on stdout; each node is told on stderr', async () => {
  const target = ['--target', bench.target, '--workflow', 'gradient.json'];
  const { exitCode, stdout, stderr } = await bench.pipeline(['run-handler', 'demo', ...target]);
  expect(exitCode).toBe(0);
  const [result, ...others] = resultsIn(stdout);
  expect(others).toEqual([]);
  expect(result).toMatchObject({ workflow: 'gradient.json', prompt_id: expect.stringMatching(/\w/) as string });
  const [output, ...more] = result!.outputs;
  expect(more).toEqual([]);
  expect(output).toMatchObject({ node: '5', folder: 'output', type: 'image/png' });
  const bytes = Buffer.from(String(output!['data']), 'base64');
  expect(output!['size']).toBe(bytes.length);
  const picture = readPng(bytes);
  expect([picture.width, picture.height]).toEqual([256, 256]);
  expect(colorsOf(picture).size).toBeGreaterThan(100);
  expect(stderr).toMatch(/^realized demo in /m);
  for (const name of ['PaletteLoader', 'DemoGradient', 'DemoNoise', 'DemoApplyPalette', 'SaveImage'])
    expect(stderr).toMatch(new RegExp(`^built +${name} +node \\d`, 'm'));
  expect(stderr).toMatch(/^executed gradient\.json in /m);
  expect(processesOf(bench.directory)).toEqual([]);
});

it('--json tells events on stderr, progress among them, and nothing else there', async () => {
  const { exitCode, stdout, stderr } = await handle('--json', '--workflow', 'saying.json');
  expect(exitCode).toBe(0);
  expect(resultsIn(stdout)).toHaveLength(1);
  const events = eventsIn(stderr);
  const started = events.find((event) => event.type === 'run.started');
  expect(started).toMatchObject({ pipeline: 'execute', subject: 'saying.json' });
  expect(finished(events).map(({ name, outcome }) => [name, outcome])).toEqual([
    ['start-server start', 'built'],
    ['queue-workflow queue', 'built'],
    ['Saying node 4', 'built'],
    ['collect-outputs collect', 'built'],
  ]);
  const progress = events.filter((event) => event.type === 'step.progress');
  expect(progress.map(({ done, total, unit }) => [done, total, unit])).toEqual([1, 2, 3].map((n) => [n, 3, 'steps']));
  expect(events.at(-1)).toMatchObject({ type: 'run.finished', ok: true, exit_code: 0 });
});

it('what a node says is an output too', async () => {
  const [result] = resultsIn((await handle('--workflow', 'saying.json')).stdout);
  const [text] = result!.outputs;
  expect(text).toMatchObject({ node: '4', name: 'node-4.txt', type: 'text/plain' });
  expect(Buffer.from(String(text!['data']), 'base64').toString()).toBe('hello 5');
});

it('a number that is too large for JavaScript reaches the node as it was written', async () => {
  const text = '{ "4": { "class_type": "Saying", "inputs": { "text": "seed", "seed": 18446744073709551615 } } }';
  bench.write({ 'seed.json': text });
  const [result] = resultsIn((await handle('--workflow', 'seed.json')).stdout);
  expect(Buffer.from(String(result!.outputs[0]!['data']), 'base64').toString()).toBe('seed 18446744073709551615');
});

it("a node's exception is a failure with its id, its class, its words and where it was", async () => {
  const { exitCode, stdout, stderr } = await handle('--workflow', 'failing.json');
  expect(exitCode).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain('failing.json: Failing (node 2): ValueError: no luck');
  expect(stderr).toMatch(/trouble.*in fail/);
  expect(stderr).toMatch(/^built +EmptyImage +node 1/m);
  expect(stderr).toMatch(/^skipped +SaveImage/m);
  expect(stderr).not.toContain('bug');
  expect(processesOf(bench.directory)).toEqual([]);
});

it('a workflow that is refused names every node at fault, with what is wrong', async () => {
  const { exitCode, stdout, stderr } = await handle('--json', '--workflow', 'invalid.json');
  expect(exitCode).toBe(1);
  expect(stdout).toBe('');
  const failed = finished(eventsIn(stderr)).flatMap((event) => (event.outcome === 'failed' ? [event] : []));
  expect(failed.map(({ name }) => name)).toEqual(['PaletteLoader node 1', 'EmptyImage node 2']);
  expect(failed.map(({ failure }) => failure)).toMatchObject([
    { nodes: [{ message: expect.stringContaining('none.safetensors') as string }] },
    { nodes: [{ message: expect.stringContaining('width') as string }] },
  ]);
});

it.each([
  ['nothing', /nothing\.json: Prompt has no outputs/],
  ['waiting', /waiting\.json: It did not end within 2 s\n.*hint: .*--timeout/s],
  ['leaving', /main\.py exited with 9\n.*out of memory/s],
])('%s is a failure, and no server is left', async (name, words) => {
  const { exitCode, stdout, stderr } = await handle('--workflow', `${name}.json`, '--timeout', '2');
  expect(exitCode).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(words);
  expect(processesOf(bench.directory)).toEqual([]);
});

it('a server that dies while it starts is a failure with what it said last', async () => {
  const target = bench.at('broken');
  makeTarget(target, 'import sys\nprint("loading")\nsys.exit("No module named torch")\n');
  const args = ['run-handler', 'demo', '--no-realize', '--target', target, '--workflow', 'small.json'];
  const { exitCode, stdout, stderr } = await bench.pipeline(args);
  expect([exitCode, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^failed +start-server/m);
  expect(stderr).toMatch(/main\.py exited with 1\n.*loading\n.*No module named torch/);
});

it('a target that is not there is told, with what makes it', async () => {
  const target = bench.at('absent');
  const args = ['run-handler', 'demo', '--no-realize', '--target', target, '--workflow', 'small.json'];
  const { exitCode, stderr } = await bench.pipeline(args);
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/absent\/main\.py does not exist\nhint: .*pipeline realize demo/);
});

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends the workflow and the server: exit code %i, nothing left', async (signal, code) => {
  const { child, line, exitCode } = talk(bench, handlerOf('--json', '--workflow', 'waiting.json'));
  await line('stderr', (text) => text.includes('"step.started"') && text.includes('Waiting'));
  if (canLook) expect(processesOf(bench.directory).some((argv) => argv.includes('main.py'))).toBe(true);
  child.kill(signal);
  expect(JSON.parse(await line('stderr', (text) => text.includes('run.finished')))).toMatchObject({ exit_code: code });
  expect(await exitCode).toBe(code);
  expect(processesOf(bench.directory)).toEqual([]);
});

// Elsewhere nothing ties a process to its parent.
it.skipIf(process.platform !== 'linux')('a handler that is killed takes its server with it', async () => {
  const { child, line, exitCode } = talk(bench, handlerOf('--json', '--workflow', 'waiting.json'));
  await line('stderr', (text) => text.includes('"step.started"') && text.includes('Waiting'));
  const [server] = processesOf(bench.directory).filter((argv) => argv.includes('main.py --listen'));
  expect(server).toBeDefined();
  child.kill('SIGKILL');
  await exitCode;
  // The kernel tells it right away; the test's own limit is the only one.
  while (processesOf(bench.directory).length > 0) await new Promise(setImmediate);
});

it('several workflows use one server, in their order', async () => {
  const names = ['saying', 'small', 'saying'];
  const { exitCode, stdout, stderr } = await handle(
    '--json',
    ...names.flatMap((name) => ['--workflow', `${name}.json`]),
  );
  expect(exitCode).toBe(0);
  expect(resultsIn(stdout).map((result) => result.workflow)).toEqual(names.map((name) => `${name}.json`));
  expect(finished(eventsIn(stderr)).filter(({ task }) => task === 'start-server')).toHaveLength(1);
});

it('the first workflow that fails is the last', async () => {
  const { exitCode, stdout } = await handle(
    '--workflow',
    'saying.json',
    '--workflow',
    'failing.json',
    '--workflow',
    'small.json',
  );
  expect(exitCode).toBe(1);
  expect(resultsIn(stdout).map((result) => result.workflow)).toEqual(['saying.json']);
});

it('a word that makes no sense is found before anything runs', async () => {
  writeFileSync(join(bench.project, 'broken.json'), '{ "1": { ');
  const small = ['--workflow', 'small.json'];
  expect(await said()).toEqual([2, 'error: Which workflow?']);
  expect(await said('--workflow', 'broken.json')).toEqual([3, expect.stringMatching(/broken\.json.*line 1/)]);
  expect(await said('--workflow', 'absent.json')).toEqual([3, 'error: absent.json does not exist']);
  expect(await said(...small, '--output', 'gcs')).toEqual([2, 'error: Which bucket?']);
  expect(await said(...small, '--output', 'gcs', '--out-dir', 'x')).toEqual([
    2,
    'error: --out-dir is for --output files',
  ]);
  expect(await said(...small, '--input-image', 'photo.png')).toEqual([2, 'error: --input-image cannot be photo.png']);
  expect(await said(...small, '--', '--port', '1')).toEqual([2, 'error: --port cannot come after --']);
  expect(readdirSync(bench.project).filter((name) => name.startsWith('.run-handler'))).toEqual([]);
});

it('what comes after -- is given to main.py', async () => {
  const target = bench.at('odd');
  makeTarget(target, 'import sys\nsys.exit(" ".join(sys.argv[1:]))\n');
  const args = ['run-handler', 'demo', '--no-realize', '--target', target, '--workflow', 'small.json'];
  const { stderr } = await bench.pipeline([...args, '--', '--cpu', '--lowvram']);
  expect(stderr).toMatch(/--listen 127\.0\.0\.1 --port \d+ --disable-auto-launch --cpu --lowvram/);
});

it('the demo is as it was', () => {
  expect(readdirSync(join(bench.target, 'input'))).toEqual(['put_input_images_here']);
  expect(readFileSync(join(bench.target, '.pipeline/lock.json'), 'utf8')).toContain('demo');
});
