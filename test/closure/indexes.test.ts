import { expect } from 'vitest';

import { startPackageIndex } from '../rig/package-index.ts';
import { makeWheel } from '../rig/wheels.ts';
import { inWorld, lib, stock } from './world.ts';

inWorld(
  'pages in HTML do as well, without sizes',
  async (world) => {
    stock(world);
    world.index.wheel(lib('late', '1.0'), { requiresPython: '>=3.99' });
    world.index.wheel(lib('late', '0.9'), { requiresPython: '>=3.8' });
    world.index.wheel(lib('late', '0.95'), { yanked: true });
    const { packages } = await world.resolve({ a: 'app', b: 'late' });
    expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual([
      'app 1.0',
      'late 0.9',
      'lib-one 1.0',
      'lib-two 1.0',
      'speed 3.0',
    ]);
    expect(packages[0]).not.toHaveProperty('size');
  },
  { format: 'html' },
);

inWorld('a file that the index does not hash is fetched to be pinned', async (world) => {
  const { sha256, url } = world.index.wheel(lib('plain', '1.0'), { hashless: true });
  expect((await world.resolve({ a: 'plain' })).packages).toMatchObject([{ name: 'plain', sha256, url }]);
});

inWorld('an index that was added is asked first, and the first that knows a package is the only one', async (world) => {
  await using extra = await startPackageIndex();
  extra.wheel(lib('private', '1.0'));
  world.index.wheel(lib('private', '99.0'));
  world.index.wheel(lib('public', '1.0'));
  expect(await world.versions({ a: 'private', b: 'public' }, { extraIndexUrls: [extra.url] })).toEqual([
    'private 1.0',
    'public 1.0',
  ]);
  expect(world.index.asked()).not.toContain('private');
});

inWorld('the password of an index opens it, and is in nothing that is said', async (world) => {
  const authorization = `Basic ${Buffer.from('me:hunter22').toString('base64')}`;
  const { bytes, filename, sha256 } = makeWheel(lib('speed', '3.0'));
  const { server } = world.index;
  server.serve(`/private/${filename}`, bytes, { authorization });
  server.serve('/private/simple/speed/', `<a href="../../${filename}#sha256=${sha256}">${filename}</a>`, {
    type: 'text/html',
    authorization,
  });
  const indexUrl = `${server.origin}/private/simple`.replace('http://', 'http://me:hunter22@');
  const closure = await world.resolve({ a: 'speed' }, { indexUrl });
  expect(closure.packages).toMatchObject([{ url: `${server.origin}/private/${filename}`, sha256 }]);
  const missing = await world.failure({ a: 'nothing' }, { indexUrl });
  expect(JSON.stringify([closure, missing, world.said])).not.toContain('hunter22');
});

inWorld('without a named index, what the user told pip and uv counts', async (world) => {
  stock(world);
  const { url } = world.index;
  const configured = (environment: Readonly<Record<string, string>>) =>
    world.versions({ a: 'speed' }, { indexUrl: undefined as never, environment });
  expect(await configured({ PIP_INDEX_URL: url })).toEqual(['speed 3.0']);
  expect(await configured({ UV_INDEX_URL: url })).toEqual(['speed 3.0']);
  expect(await configured({ PIP_INDEX_URL: 'http://127.0.0.1:9/simple', PIP_EXTRA_INDEX_URL: url })).toEqual([
    'speed 3.0',
  ]);
});

inWorld(
  'an index that breaks is told as that, not as a package that is not there',
  async (world) => {
    world.index.server.serve('/simple/broken/', '', { always: { fault: 'status', status: 503 } });
    expect(await world.failure({ a: 'broken' })).toMatchObject({ kind: 'network', status: 503, transient: true });
    world.index.server.serve('/simple/page/', '{"files": 1}', { type: 'application/vnd.pypi.simple.v1+json' });
    expect(await world.failure({ a: 'page' })).toMatchObject({
      kind: 'document',
      problem: 'It is not the page of a package index',
    });
  },
  { each: true },
);

inWorld(
  'METADATA is had beside a wheel, out of its end, or out of the whole, whatever the server can',
  async (world) => {
    world.index.wheel(lib('beside', '1.0', 'within'), { metadata: true });
    const within = { ...lib('within', '1.0', 'whole'), files: { 'x.bin': 'x'.repeat(300_000) } };
    world.index.wheel(within);
    const whole = makeWheel(lib('whole', '1.0'));
    world.index.wheel(lib('whole', '1.0'));
    world.index.server.serve(`/simple-files/${whole.filename}`, whole.bytes, { always: { fault: 'ignore-range' } });
    expect(await world.versions({ a: 'beside' })).toEqual(['beside 1.0', 'whole 1.0', 'within 1.0']);
    const asked = world.index.server.asked
      .filter(({ path }) => path.includes('-files/'))
      .map(({ path, headers }) => `${path.split('/').at(-1)} ${headers.range ?? 'whole'}`);
    expect(asked.filter((line) => line.startsWith('beside'))).toEqual(['beside-1.0-py3-none-any.whl.metadata whole']);
    expect(asked.filter((line) => line.startsWith('within'))).toEqual(['within-1.0-py3-none-any.whl bytes=-131072']);
    expect(asked.filter((line) => line.startsWith('whole'))).toEqual([
      'whole-1.0-py3-none-any.whl bytes=-131072',
      'whole-1.0-py3-none-any.whl whole',
    ]);
  },
);

inWorld('a wheel whose METADATA cannot be read is passed over; where there is no other, it is named', async (world) => {
  world.index.wheel(lib('odd', '1.0'));
  const { url } = world.index.wheel({
    ...lib('odd', '2.0'),
    tamper: (entries) => void entries.delete('odd-2.0.dist-info/METADATA'),
  });
  expect(await world.versions({ a: 'odd' })).toEqual(['odd 1.0']);
  const because = 'its METADATA cannot be read (it has no METADATA)';
  expect(await world.failure({ a: 'odd==2.0' })).toMatchObject({ kind: 'refused', what: url, because });
});
