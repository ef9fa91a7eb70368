import { hash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';

import { checkTrace } from '../report/trace.ts';
import { openGate } from './gate.ts';
import { living, shipped } from './living.ts';

const on = living();

const traceIn = (file: string) => checkTrace(JSON.parse(readFileSync(file, 'utf8')));

it('--trace writes a trace of every step, also when the same command has nothing to do', async () => {
  const trace = on.bench.at('trace.json');
  const { outcomes } = await on.realize(undefined, ['--trace', trace]);
  const steps = () => traceIn(trace).filter(({ args }) => args?.['task'] !== undefined);
  expect(Object.fromEntries(steps().map(({ name, args }) => [name, args?.['outcome']]))).toEqual(outcomes);
  expect(steps().filter(({ ph }) => ph === 'X').length).toBeGreaterThan(5);
  for (let n = 0; n < 2; n++) {
    rmSync(trace);
    await on.realize(undefined, ['--trace', trace]);
    expect(steps()).toHaveLength(Object.keys(outcomes).length);
  }
});

it('a trace that cannot be written is said before anything runs, and no file of anybody is lost', async () => {
  const mine = on.bench.at('mine.json');
  writeFileSync(mine, '{"mine":true}');
  for (const [path, code] of [
    [mine, 3],
    ['/dev/null', 3],
    [on.bench.at('mine.json/trace.json'), 6],
  ] as const) {
    const { exitCode, events } = await on.bench.realize('demo', ['--trace', path]);
    expect([path, exitCode, events]).toEqual([path, code, []]);
  }
  expect(readFileSync(mine, 'utf8')).toBe('{"mine":true}');
  expect(existsSync(on.bench.target)).toBe(false);
});

it('a dry run keeps nothing and writes no trace', async () => {
  const trace = on.bench.at('trace.json');
  expect((await on.bench.realize('demo', ['--dry-run', '--trace', trace])).exitCode).toBe(0);
  expect(existsSync(trace)).toBe(false);
  expect((await on.say('report', 'demo')).exitCode).toBe(3);
});

it('a run that is stopped is kept, and its trace is written', async () => {
  const body = Buffer.alloc(400_000, 'held');
  await using gate = await openGate(body);
  const model = {
    path: 'vae/held.safetensors',
    root: 'models',
    sources: [gate.url],
    sha256: hash('sha256', body),
    size: body.length,
  };
  on.relock({ ...shipped, models: [model] });
  const trace = on.bench.at('trace.json');
  const { child, ended } = on.bench.start(['realize', 'demo', '--target', on.bench.target, '--trace', trace]);
  await gate.asked;
  child.kill('SIGINT');
  expect((await ended).exitCode).toBe(130);
  const page = await on.say('report', 'demo', '--output', '-');
  expect(page.stdout).toContain('<title>demo: realize stopped</title>');
  const held = traceIn(trace).find(({ name }) => name === 'fetch-model vae/held.safetensors');
  expect(held).toMatchObject({ ph: 'X', args: { outcome: 'skipped' } });
});
