import { mkdirSync, mkdtempDisposableSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { clock } from '../../pipelines/doctor/clock.ts';
import { placing, tryLinks } from '../../pipelines/doctor/links.ts';
import { rounds } from '../../pipelines/doctor/race.ts';
import { openScratch } from '../../pipelines/doctor/scratch.ts';
import { reach, servicesFor } from '../../pipelines/doctor/services.ts';
import { type Outcome, verdicts } from '../../pipelines/doctor/two-processes.ts';
import { variables } from '../../pipelines/doctor/variables.ts';
import { existing, volumeOf } from '../../pipelines/doctor/volumes.ts';
import { openHttp } from '../../tasks/tools/http/http.ts';

describe('what two processes came to', () => {
  const all = Array.from({ length: rounds }, (_, n) => n);
  const [even, odd] = [all.filter((n) => n % 2 === 0), all.filter((n) => n % 2 === 1)];
  const good: Outcome = {
    came: [
      { exclusive: even, renamed: odd, read: 'hello' },
      { exclusive: odd, renamed: even, read: 'hello' },
    ],
    torn: 0,
    seen: [true, true],
    owner: (round) => (odd.includes(round) ? 'a' : 'b'),
  };
  const [first, second] = good.came;
  const problems = (change: Partial<Outcome>): readonly string[] =>
    verdicts({ ...good, ...change }).flatMap(({ is, about }) => (is === 'problem' ? [about] : []));

  test.for([
    ['each name taken once', {}, []],
    ['a file that both made', { came: [{ ...first!, exclusive: all }, second!] }, ['exclusive files']],
    ['a file that nobody made', { came: [{ ...first!, exclusive: [] }, second!] }, ['exclusive files']],
    ['a directory that both renamed', { came: [{ ...first!, renamed: all }, second!] }, ['rename']],
    ['a directory of the loser', { owner: () => 'a' }, ['rename']],
    ['a file seen torn', { torn: 1 }, ['rename']],
    ['a file that the starter does not read', { seen: [true, false] }, ['visibility']],
    ['a file that a process does not read', { came: [first!, { ...second!, read: 'hell' }] }, ['visibility']],
  ] as const)('%s', ([, change, expected]) => {
    expect(problems(change)).toEqual(expected);
  });
});

describe('variables', () => {
  test('a token is said to be set, and nothing of it', () => {
    const token = 'hf_'.padEnd(137, 'x');
    const findings = variables({ HF_TOKEN: token, CIVITAI_TOKEN: 'short' });
    const told = JSON.stringify(findings);
    expect(findings).toContainEqual({ about: 'Hugging Face token', is: 'ok', says: 'HF_TOKEN is set' });
    expect(findings).toContainEqual({ about: 'Civitai token', is: 'ok', says: 'CIVITAI_TOKEN is set' });
    for (const hidden of [token, 'hf_x', '137', 'short']) expect(told).not.toContain(hidden);
  });

  test('one that nothing reads is a warning that names what was meant', () => {
    expect(variables({ COMFY_CACHE_ROT: '/c' })).toContainEqual({
      about: 'COMFY_CACHE_ROT',
      is: 'warning',
      says: 'is set, and nothing reads it',
      remedy: 'did you mean COMFY_CACHE_ROOT?',
    });
    expect(variables({ COMFY_VENV_MODE: 'copies' })).toContainEqual(
      expect.objectContaining({ about: 'COMFY_VENV_MODE', remedy: expect.stringContaining('docs/migration.md') }),
    );
  });

  test('those of ours are shown, but of a shared cache only that they are set', () => {
    const [finding] = variables({ MODELS_DIR: '/m', PIPELINE_REMOTE_CACHE_PASSWORD: 'hush', HOME: '/h' });
    expect(finding).toMatchObject({ is: 'ok', says: 'MODELS_DIR=/m, PIPELINE_REMOTE_CACHE_PASSWORD is set' });
    expect(variables({})[0]).toMatchObject({ says: 'none of ours is set' });
  });

  test('COMFY_HOME is one directory for every version', () => {
    const warned = variables({ COMFY_HOME: '/home' }).find(({ about }) => about === 'COMFY_HOME');
    expect(warned).toMatchObject({ is: 'warning', says: '/home becomes the target of every version' });
  });

  test('credentials that are not there are a warning', () => {
    const [finding] = variables({ GOOGLE_APPLICATION_CREDENTIALS: '/no/key.json' }).filter(
      ({ is }) => is === 'warning',
    );
    expect(finding).toMatchObject({ about: 'gs:// token' });
    expect(finding!.says).not.toContain('/no/key.json');
  });
});

describe('volumes', () => {
  test('what is above a directory that is not there yet is what it will be on', () => {
    using room = mkdtempDisposableSync(join(tmpdir(), 'doctor-'));
    expect(existing(join(room.path, 'a/b/c'))).toBe(room.path);
    const finding = volumeOf({ name: 'cache', path: join(room.path, 'a/b'), because: '$COMFY_CACHE_ROOT' });
    expect(finding.says).toContain(`${room.path}/a/b ($COMFY_CACHE_ROOT)`);
    expect(finding.measured!['free_bytes']).toBeGreaterThan(0);
    expect(readdirSync(room.path)).toEqual([]);
  });

  test('links are really tried, and nothing is left of it', () => {
    using room = mkdtempDisposableSync(join(tmpdir(), 'doctor-'));
    mkdirSync(join(room.path, 'a'));
    expect(tryLinks(room.path, join(room.path, 'a'))).toMatchObject({ hardlink: true, symlink: true });
    expect(readdirSync(room.path, { recursive: true })).toEqual(['a']);
  });

  test.for([
    [{ reflink: true, hardlink: true, symlink: true }, 'ok'],
    [{ reflink: false, hardlink: true, symlink: true }, 'ok'],
    [{ reflink: false, hardlink: false, symlink: true }, 'warning'],
    [{ reflink: true, hardlink: true, symlink: false }, 'problem'],
  ] as const)('links %o are %s', ([links, is]) => {
    expect(placing(links)).toMatchObject({ is });
  });

  test('scratch is gone when it is disposed of, with what is in it', () => {
    using room = mkdtempDisposableSync(join(tmpdir(), 'doctor-'));
    {
      using scratch = openScratch(room.path);
      writeFileSync(join(scratch.path, 'file'), '');
    }
    expect(readdirSync(room.path)).toEqual([]);
  });
});

test('a clock of the past is a warning', () => {
  expect(clock(Date.UTC(1970, 0, 2))).toMatchObject({ is: 'warning', says: '1970-01-02T00:00:00Z is in the past' });
  expect(clock(Date.UTC(2030, 0, 2))).toEqual({ about: 'clock', is: 'ok', says: '2030-01-02T00:00:00Z' });
});

describe('services', () => {
  const nowhere = { huggingFace: 'https://hf.invalid', civitai: 'https://civitai.invalid' };
  const http = openHttp({
    offline: false,
    signal: new AbortController().signal,
    tokens: {},
    endpoints: nowhere,
    wait: async () => {},
  });

  test.for([200, 401, 404, 503])('any answer will do: %i', async (status) => {
    await using server = createServer((_, response) => response.writeHead(status).end()).listen(0, '127.0.0.1');
    const { promise, resolve } = Promise.withResolvers<void>();
    server.once('listening', resolve);
    await promise;
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    expect(await reach({ name: 'x', url }, http)).toEqual({ about: 'x', is: 'ok', says: `${url} answers` });
  });

  test('none is a warning', async () => {
    const finding = await reach({ name: 'x', url: 'http://127.0.0.1:1/' }, http);
    expect(finding).toMatchObject({ about: 'x', is: 'warning', says: expect.stringContaining('does not answer') });
  });

  test('they are asked where the environment says they are', () => {
    const places = servicesFor({ HF_ENDPOINT: 'http://a', PIP_INDEX_URL: 'http://b', COMFY_REGISTRY_URL: 'http://c' });
    const urls = places.map(({ url }) => url);
    expect(urls).toEqual(expect.arrayContaining(['http://a', 'http://b/pip/', 'http://c', 'https://civitai.com']));
  });
});
