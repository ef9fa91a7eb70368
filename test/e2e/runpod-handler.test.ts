import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { empty, save } from '../demo/client.ts';
import { readPng } from '../demo/png.ts';
import { has } from '../demo/workbench.ts';
import { canLook, processesOf } from './processes.ts';
import { type Bench, checkout, openDemo } from './rig.ts';
import { addTrouble, writeWorkflows } from './running.ts';

const handler = join(checkout, 'examples/runpod/handler.py');
const hasSdk = has('python3', '-c', 'import runpod.serverless');

let bench: Bench;
beforeAll(async () => {
  bench = openDemo();
  expect((await bench.realize('demo')).summary.ok).toBe(true);
  addTrouble(bench.target);
  writeWorkflows(bench);
  mkdirSync(join(bench.project, 'node_modules/.bin'), { recursive: true });
  symlinkSync(join(checkout, 'pipelines/cli/launch.cjs'), join(bench.project, 'node_modules/.bin/pipeline'));
});
afterAll(() => bench[Symbol.dispose]());
afterEach(() => expect(processesOf(bench.directory)).toEqual([]));

type Document = Readonly<Record<string, unknown>>;

/** What a worker says of a job at its end. */
interface Answer {
  readonly error?: string;
  readonly prompt_id?: string;
  readonly outputs?: readonly Readonly<Record<string, string>>[];
}

/** A worker, with RunPod's package stood in for. */
interface Worker extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Gives it a job, and answers what it says at the end, and what of its progress. */
  job(input: unknown): Promise<{ readonly answer: Answer; readonly progress: readonly Document[] }>;
  /** Gives it a job, and answers when it is told of a step of it. */
  begin(input: unknown): Promise<void>;
  /** What it says next of the job that was begun. */
  answer(): Promise<Answer>;
  /** Ends it, and answers its exit code. */
  end(): Promise<number | null>;
}

const environmentOf = (env: Readonly<Record<string, string>>) => ({
  PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
  HOME: bench.home,
  COMFY_CACHE_ROOT: bench.cache,
  PYTHONPATH: join(checkout, 'test/rig'),
  PYTHONDONTWRITEBYTECODE: '1',
  PROGRESS_SECONDS: '0',
  PROJECT: bench.project,
  WORKFLOWS: bench.project,
  VERSION: 'demo',
  HANDLER_ARGS: `--no-realize --target '${bench.target}'`,
  ...env,
});

async function startWorker(env: Readonly<Record<string, string>> = {}): Promise<Worker> {
  const child = spawn('python3', [handler], { env: environmentOf(env), stdio: ['pipe', 'pipe', 'pipe'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (log += text));
  const closed = once(child, 'close').then(([code]) => code as number | null);
  const next = async (): Promise<Document> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`The worker has ended (${await closed}):\n${log}`);
    return JSON.parse(value) as Document;
  };
  let number = 0;
  const give = (input: unknown): void =>
    void child.stdin.write(`${JSON.stringify({ id: `job-${(number += 1)}`, input })}\n`);
  const untilEnd = async (): Promise<{ readonly answer: Answer; readonly progress: readonly Document[] }> => {
    const progress: Document[] = [];
    for (;;) {
      const said = await next();
      expect(said['id']).toBe(`job-${number}`);
      if ('result' in said) return { answer: said['result'] as Answer, progress };
      progress.push(said['progress'] as Document);
    }
  };
  expect(await next()).toEqual({ started: true });
  const end = async (): Promise<number | null> => {
    child.stdin.end();
    return closed;
  };
  return {
    child,
    job: async (input) => (give(input), untilEnd()),
    begin: async (input) => (give(input), expect(await next()).toHaveProperty('progress')),
    answer: async () => (await untilEnd()).answer,
    end,
    [Symbol.asyncDispose]: async () => void (await end()),
  };
}

const graph = { 1: empty, 2: save('1', 'small') };
const bytesOf = ({ outputs }: Answer): Buffer => Buffer.from(outputs![0]!['data']!, 'base64');
const servers = (): readonly string[] => processesOf(bench.directory).filter((argv) => argv.includes('main.py'));
/** The only process that has these words in its arguments. */
function pidOf(words: readonly string[]): number {
  const found = readdirSync('/proc').filter((name) => {
    try {
      const argv = readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' ');
      return /^\d+$/.test(name) && words.every((word) => argv.includes(word));
    } catch {
      // It has ended while it was looked at, or is no process.
      return false;
    }
  });
  expect(found).toHaveLength(1);
  return Number(found[0]);
}

it('one job after another on one server: a workflow or its name in, its outputs out, each step told on the way', async () => {
  await using worker = await startWorker();
  const first = await worker.job({ workflow: 'small' });
  expect(readPng(bytesOf(first.answer)).width).toBe(8);
  const [server, ...others] = servers();
  expect(others).toEqual([]);
  const { answer, progress } = await worker.job({ workflow: 'saying.json' });
  expect(answer.prompt_id).toMatch(/\w/);
  expect(answer.outputs).toMatchObject([{ node: '4', name: 'node-4.txt', type: 'text/plain' }]);
  expect(bytesOf(answer).toString()).toBe('hello 5');
  expect(progress).toContainEqual({ step: 'node 4', steps_done: 1, steps: 3 });
  expect(progress).toContainEqual({ step: 'node 4', steps_done: 1, steps: 3, done: 2, total: 3 });
  const image = { 1: { class_type: 'LoadImage', inputs: { image: 'photo.png' } }, 2: save('1') };
  const given = first.answer.outputs![0]!['data']!;
  for (const source of [given, `data:image/png;base64,${given}`]) {
    const changed = await worker.job({ workflow: image, images: [{ name: 'photo.png', image: source }] });
    expect(changed.answer.error).toBeUndefined();
    expect(readPng(bytesOf(changed.answer)).height).toBe(4);
  }
  const two = { ...graph, 3: save('1', 'other') };
  expect((await worker.job({ workflow: two })).answer.outputs).toHaveLength(2);
  expect(servers()).toEqual([server]);
  expect(await worker.end()).toBe(0);
});

it('a job that fails says why, and the worker goes on', async () => {
  await using worker = await startWorker();
  const error = async (input: unknown) => (await worker.job(input)).answer.error;
  expect(await error({ workflow: 'failing' })).toMatch(/Failing \(node 2\): ValueError: no luck/);
  expect(await error({ workflow: 'nothing' })).toContain('Prompt has no outputs');
  expect(await error({ workflow: 'leaving' })).toMatch(/main\.py exited with 9/);
  expect(await error({ workflow: { 1: 'no node' } })).toMatch(/^line \d+: /);
  expect(await error('what?')).toContain('an object with a workflow');
  expect(await error({})).toContain('no workflow');
  for (const name of ['absent', '../project/small', '/etc/passwd', '..'])
    expect(await error({ workflow: name })).toBe(`There is no workflow ${name} here`);
  for (const source of ['/etc/passwd', 'file:///etc/passwd', 7, ''])
    expect(await error({ workflow: graph, images: [{ name: 'a.png', image: source }] })).toMatch(/neither base64 nor/);
  expect(await error({ workflow: graph, images: ['a.png'] })).toContain('images are a list');
  expect(await error({ workflow: graph, images: [{ image: 'AAAA' }] })).toContain('has no name');
  expect(await error({ workflow: graph, images: [{ name: 'b.png', image: 'AAAA' }] })).toContain('No node of');
  expect((await worker.job({ workflow: graph })).answer.outputs).toHaveLength(1);
});

it.skipIf(!canLook)(
  'a pipeline that is killed is an error of the job at work, and there again for the next one',
  async () => {
    await using worker = await startWorker();
    await worker.job({ workflow: graph });
    const words = ['run-handler demo --keep-warm', bench.target];
    process.kill(pidOf(words), 'SIGKILL');
    // It was idle: nobody needs to know.
    expect((await worker.job({ workflow: graph })).answer.outputs).toHaveLength(1);
    await worker.begin({ workflow: 'waiting' });
    process.kill(pidOf(words), 'SIGKILL');
    expect((await worker.answer()).error).toContain('pipeline ended with -9');
    expect((await worker.job({ workflow: graph })).answer.outputs).toHaveLength(1);
  },
);

it('a worker that is told to end takes its server with it', async () => {
  const worker = await startWorker();
  await worker.begin({ workflow: 'waiting' });
  worker.child.kill('SIGTERM');
  expect(await worker.end()).toBe(143);
});

it('results go to a bucket under the name of the job, where its variables are set; one that fails says so', async () => {
  const bucket = bench.at('bucket');
  const env = { BUCKET_ENDPOINT_URL: `file://${bucket}`, BUCKET_NAME: 'made' };
  await using worker = await startWorker({ ...env, BUCKET_ACCESS_KEY_ID: 'id' });
  const { answer } = await worker.job({ workflow: { 1: empty, 2: save('1', 'sub/small') } });
  const name = 'made/job-1/sub/small_00001_.png';
  expect(answer.outputs).toEqual([
    {
      node: '2',
      name: 'small_00001_.png',
      folder: 'output',
      type: 'image/png',
      size: readFileSync(join(bucket, name)).length,
      url: `https://bucket.invalid/${name}?image/png`,
    },
  ]);
  await using other = await startWorker(env);
  expect((await other.job({ workflow: graph })).answer.error).toContain('The bucket cannot be reached');
  expect(readdirSync(bucket)).toEqual(['made']);
});

it('what cannot be realized is the error of each job, with its cause', async () => {
  await using worker = await startWorker({ VERSION: 'absent', HANDLER_ARGS: '' });
  for (let n = 0; n < 2; n += 1)
    expect((await worker.job({ workflow: graph })).answer.error).toMatch(
      /^pipeline ended with 3\nerror: Version absent/,
    );
});

describe.skipIf(!hasSdk)("RunPod's own package (skipped where python3 has no runpod)", () => {
  it.each([
    ['small', 0, "'outputs': [{'node': '2'"],
    ['failing', 1, 'ValueError: no luck'],
  ])('its test mode runs %s', async (workflow, code, words) => {
    const input = JSON.stringify({ id: 'one', input: { workflow } });
    const child = spawn('python3', [handler, '--test_input', input], { env: environmentOf({ PYTHONPATH: '' }) });
    let log = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => void (log += text.toString()));
    const [status] = (await once(child, 'close')) as [number | null];
    expect([status, log]).toEqual([code, expect.stringContaining(words)]);
  });
});
