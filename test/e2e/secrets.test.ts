import { hash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { type Bench, type Ended, openBench } from './rig.ts';
import { lockOf, openWorld, type World } from './world.ts';
import { terminal } from '../rig/pseudo-terminal.ts';

const token = 'hf_secretABCDEFGHIJKLMNOPQRSTUVWXYZ';
const other = 'civitai-secret-0123456789';
const body = 'a gated model';

let world: World;
let bench: Bench;
beforeEach(async () => {
  world = await openWorld();
  bench = openBench();
  const gated = { always: { fault: 'auth', authorization: `Bearer ${token}` } } as const;
  world.files.serve('/org/repo/resolve/main/x.safetensors', body, gated);
  const model = {
    path: 'vae/x.safetensors',
    root: 'models',
    sources: ['hf://org/repo/x.safetensors'],
    sha256: hash('sha256', body),
    size: body.length,
  };
  const core = await world.commit('core', { 'main.py': '' });
  bench.lock('gated', lockOf({ core, nodes: [], wheels: [], models: [model] }));
});
afterEach(async () => {
  bench[Symbol.dispose]();
  await world[Symbol.asyncDispose]();
});

/** How a run is shown, and what gives that way away when it fails. */
interface Shown {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly under?: readonly string[];
  readonly looks: string;
}

const renderers: readonly (readonly [string, Shown])[] = [
  ['json', { flags: ['--json'], looks: '{"type":' }],
  ['plain', { looks: 'failed ' }],
  ['github', { env: { CI: 'true', GITHUB_ACTIONS: 'true' }, looks: '::error' }],
  ['live', { env: { TERM: 'xterm-256color' }, under: terminal, looks: '\u001B[' }],
];

const realize = (
  { flags = [], env = {}, under = [] }: Shown,
  secrets: Readonly<Record<string, string>>,
): Promise<Ended> =>
  bench.pipeline(['realize', 'gated', '--target', bench.target, ...flags], {
    under,
    env: { HF_ENDPOINT: world.files.origin, ...env, ...secrets },
  });

/** The files that hold a secret, as it is or as a header would spell it. */
function filesWith(secrets: readonly string[]): readonly string[] {
  const spelled = secrets.flatMap((secret) => [secret, Buffer.from(secret).toString('base64').replace(/=+$/, '')]);
  return readdirSync(bench.directory, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(bench.directory, name);
    if (!lstatSync(path).isFile()) return false;
    const text = readFileSync(path, 'latin1');
    return spelled.some((secret) => text.includes(secret));
  });
}

it.each(renderers)('a token is in nothing that %s shows, and in no file', async (_, how) => {
  const { exitCode, stdout, stderr } = await realize(how, { HF_TOKEN: token, CIVITAI_TOKEN: other });
  expect(exitCode).toBe(0);
  expect(world.files.asked.some(({ headers }) => headers.authorization === `Bearer ${token}`)).toBe(true);
  for (const secret of [token, other]) expect(stdout + stderr).not.toContain(secret);
  expect(readFileSync(join(bench.target, 'models/vae/x.safetensors'), 'utf8')).toBe(body);
  expect(filesWith([token, other])).toEqual([]);
});

it.each(renderers)('a token that is refused is in nothing that %s shows, and in no file', async (_, how) => {
  const wrong = `${token}-wrong`;
  const { exitCode, stdout, stderr } = await realize(how, { HF_TOKEN: wrong });
  expect(exitCode).toBe(5);
  expect(stdout).toContain(how.looks);
  expect(world.files.asked.some(({ headers }) => headers.authorization === `Bearer ${wrong}`)).toBe(true);
  expect(stdout + stderr).not.toContain(wrong);
  expect(filesWith([wrong])).toEqual([]);
});

it('a token that a version passes on by name is in no lockfile, no receipt and no result', async () => {
  bench.write({
    'versions/gated.json': {
      schema_version: 2,
      version_id: 'gated',
      comfy: { repo: world.git.url('core') },
      models: [{ source: 'hf://org/repo/x.safetensors', target_path: 'vae/x.safetensors' }],
      env: { HF_TOKEN: '${MY_TOKEN}', HF_ENDPOINT: world.files.origin },
    },
  });
  const secrets = { MY_TOKEN: token };
  const validated = await bench.pipeline(['validate', 'gated', '--json'], { env: secrets });
  expect(validated.summary).toMatchObject({ ok: true });
  const realized = await bench.realize('gated', [], { env: secrets });
  expect(realized.summary).toMatchObject({ ok: true });
  expect(world.files.asked.some(({ headers }) => headers.authorization === `Bearer ${token}`)).toBe(true);
  expect(readFileSync(join(bench.project, 'lockfiles/gated.lock.json'), 'utf8')).toContain('${MY_TOKEN}');
  for (const { stdout, stderr } of [validated, realized]) expect(stdout + stderr).not.toContain(token);
  expect(filesWith([token])).toEqual([]);
});
