import { execFile } from 'node:child_process';
import { globSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';

import { aloneWith, hasIp, hasNginx, type Nginx, startNginx } from '../rig/nginx.ts';
import { unplugged } from '../rig/unplugged.ts';
import { contentsOf, leftovers } from './crash-rig.ts';
import { machines, madeAnew, puts, told, variablesFor } from './remote-rig.ts';
import { type Bench, type Ended, openDemo } from './rig.ts';
import { changedPaths, type Listing } from './tree.ts';

const on = machines();

const realize = (
  bench: Bench,
  from: Nginx,
  more: readonly string[] = [],
  under: readonly string[] = [],
): Promise<Ended> => bench.realize('small', more, { env: variablesFor(from), under });

const damages: Readonly<Record<string, (files: readonly string[]) => void>> = {
  poisoned: (files) => {
    for (const file of files) writeFileSync(file, Buffer.alloc(readFileSync(file).length, 'x'));
  },
  truncated: (files) => {
    for (const file of files) truncateSync(file, Math.floor(readFileSync(file).length / 2));
  },
  swapped: (files) => {
    const all = files.map((file) => readFileSync(file));
    for (const [n, file] of files.entries()) writeFileSync(file, all[(n + 1) % all.length]!);
  },
};

describe.skipIf(!hasNginx)(
  'with a real nginx (skipped where there is none that knows PUT: Debian has nginx-light)',
  () => {
    /** What machine A made, which filled the remote. */
    let clean: Listing;
    beforeAll(async () => {
      const a = on.machine();
      expect(await realize(a, on.remote)).toMatchObject({ exitCode: 0 });
      clean = contentsOf(a.target);
      a[Symbol.dispose]();
    });

    test('machine B makes nothing and asks no origin for anything', async () => {
      const b = on.machine();
      const before = [on.world.asked(), puts(on.remote).length];
      const ended = await realize(b, on.remote);
      expect(ended.summary).toMatchObject({ ok: true, bytes_fetched: 0 });
      expect(madeAnew(ended)).toEqual([]);
      expect([on.world.asked(), puts(on.remote).length]).toEqual(before);
      expect(changedPaths(contentsOf(b.target), clean)).toEqual([]);
      expect(ended.notes.filter((text) => text.startsWith('From the remote cache at '))).toHaveLength(1);
      expect(leftovers(b, b.target)).toEqual([]);
    });

    test('where all is here already, the remote is not asked', async () => {
      const b = on.machine();
      await realize(b, on.remote);
      const before = on.remote.requests().length;
      for (const more of [[], ['--jobs', '2'], ['--target', b.at('another')]]) {
        const ended = await realize(b, on.remote, more);
        expect([ended.exitCode, madeAnew(ended)]).toEqual([0, []]);
      }
      expect(on.remote.requests()).toHaveLength(before);
    });

    test.skipIf(unplugged === undefined || !hasIp)(
      'machine B realizes where it reaches nothing but the remote',
      async () => {
        const alone = aloneWith(on.remote, unplugged!);
        const { url } = on.pins.wheels[0]!;
        const [program, ...flags] = [...alone, process.execPath, '-e', `fetch('${String(url)}')`];
        await expect(promisify(execFile)(program, flags)).rejects.toThrow('fetch failed');
        const b = on.machine();
        const ended = await realize(b, on.remote, [], alone);
        expect(ended.summary).toMatchObject({ ok: true, bytes_fetched: 0 });
        expect(madeAnew(ended)).toEqual([]);
        expect(changedPaths(contentsOf(b.target), clean)).toEqual([]);
      },
    );

    test.skipIf(unplugged === undefined || !hasIp)('so it does with the demo', async () => {
      await using shared = await startNginx();
      const [a, b] = [on.add(openDemo()), on.add(openDemo())];
      const env = variablesFor(shared);
      expect((await a.realize('demo', [], { env })).summary).toMatchObject({ ok: true, cached: 0 });
      const ended = await b.realize('demo', [], { env, under: aloneWith(shared, unplugged!) });
      expect(ended.summary).toMatchObject({ ok: true, bytes_fetched: 0 });
      expect(madeAnew(ended)).toEqual([]);
      expect(changedPaths(contentsOf(b.target), contentsOf(a.target))).toEqual([]);
    });

    test('one node changed on B: B makes one node, and A then none', async () => {
      await using shared = await on.filled();
      const nodes = await on.changed('ALPHA = 2\n');
      const ended = await realize(on.machine(nodes), shared);
      expect(ended.exitCode).toBe(0);
      expect(madeAnew(ended)).toEqual(['fetch-node alpha']);
      const [asked, sent] = [on.world.asked(), puts(shared).length];
      expect(madeAnew(await realize(on.machine(nodes), shared))).toEqual([]);
      expect([on.world.asked(), puts(shared).length]).toEqual([asked, sent]);
    });

    for (const room of ['cas', 'ac'])
      test.for(Object.keys(damages))(
        `objects below /${room} that are %s are refused, and what they were is made anew`,
        async (how) => {
          await using shared = await on.filled();
          damages[how]!(globSync(`${room}/*`, { cwd: shared.objects }).map((path) => join(shared.objects, path)));
          const b = on.machine();
          const asked = on.world.asked();
          const ended = await realize(b, shared);
          expect(ended.summary).toMatchObject({ ok: true });
          expect(madeAnew(ended).length).toBeGreaterThan(5);
          expect(on.world.asked()).toBeGreaterThan(asked);
          expect(changedPaths(contentsOf(b.target), clean)).toEqual([]);
          expect(told(ended).length).toBeGreaterThan(0);
        },
      );

    test('what the lockfile pins is believed, and no record against it', async () => {
      await using shared = await on.filled();
      const [big, small] = on.pins.models.map((model) => `blob:${String(model['sha256'])}`);
      let changed = 0;
      for (const path of globSync('ac/*', { cwd: shared.objects })) {
        const record = readFileSync(join(shared.objects, path), 'utf8');
        if (!record.includes('fetch-model') || !record.includes(big!)) continue;
        writeFileSync(join(shared.objects, path), record.replace(big!, small!));
        changed++;
      }
      expect(changed).toBe(1);
      const b = on.machine();
      const asked = on.world.asked();
      // The record is none, but the bytes are there: no origin is asked.
      expect(madeAnew(await realize(b, shared))).toEqual(['fetch-model checkpoints/big.safetensors']);
      expect(on.world.asked()).toBe(asked);
      expect(changedPaths(contentsOf(b.target), clean)).toEqual([]);
    });

    test('a remote that is killed in the middle of a run fails nobody', async () => {
      await using shared = await on.filled();
      const b = on.machine();
      const { child, ended } = b.start(['realize', 'small', '--target', b.target, '--json'], {
        env: variablesFor(shared),
      });
      const begun = Promise.withResolvers<void>();
      child.stdout!.on('data', (text: string) => text.includes('"step.finished"') && begun.resolve());
      child.once('exit', () => begun.resolve());
      await begun.promise;
      await shared.kill();
      expect((await ended).summary).toMatchObject({ ok: true });
      expect(changedPaths(contentsOf(b.target), clean)).toEqual([]);
    });

    test('a remote that is gone from the start fails nobody, and is told of once', async () => {
      const shared = await startNginx();
      await shared[Symbol.asyncDispose]();
      const b = on.machine();
      const ended = await realize(b, shared);
      expect(ended.summary).toMatchObject({ ok: true });
      expect(told(ended)[0]).toContain('The server refuses connections');
      expect(told(ended)).toHaveLength(new Set(told(ended)).size);
      expect(changedPaths(contentsOf(b.target), clean)).toEqual([]);
    });

    test('two writers at once: both fine', async () => {
      await using shared = await startNginx();
      const [one, two] = [on.machine(), on.machine()];
      const ended = await Promise.all([realize(one, shared), realize(two, shared)]);
      expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
      expect(ended.flatMap(told)).toEqual([]);
      expect(madeAnew(await realize(on.machine(), shared))).toEqual([]);
    });

    test('--remote-cache-mode read writes nothing', async () => {
      await using shared = await startNginx();
      const ended = await realize(on.machine(), shared, ['--remote-cache-mode', 'read']);
      expect(ended.summary).toMatchObject({ ok: true });
      expect(shared.requests().length).toBeGreaterThan(0);
      expect(shared.requests().filter((line) => !line.startsWith('GET '))).toEqual([]);
    });

    test('--offline and --dry-run do not ask the remote', async () => {
      const before = on.remote.requests().length;
      expect((await realize(on.machine(), on.remote, ['--offline'])).exitCode).toBe(5);
      const b = on.machine();
      const flags = ['realize', 'small', '--target', b.target, '--remote-cache', on.remote.origin, '--dry-run'];
      expect((await b.pipeline(flags)).exitCode).toBe(0);
      expect(on.remote.requests()).toHaveLength(before);
    });

    test('whoever does not log in reads, and is told once that he does not write', async () => {
      const nodes = await on.changed('ALPHA = 3\n');
      const ended = await on.machine(nodes).realize('small', ['--remote-cache', on.remote.origin]);
      expect(madeAnew(ended)).toEqual(['fetch-node alpha']);
      expect(told(ended)).toEqual([
        expect.stringMatching(/is not written any more in this run: it answers 401$/),
        expect.stringMatching(/did not get 1 of the 1 results of this run: others make them anew$/),
      ]);
    });

    test('what is too large for the server is left out, and the rest is sent', async () => {
      await using shared = await startNginx((text) =>
        text.replace('client_max_body_size 0', 'client_max_body_size 20k'),
      );
      const ended = await realize(on.machine(), shared);
      expect(ended.summary).toMatchObject({ ok: true });
      expect(ended.notes).toContainEqual(
        expect.stringContaining('takes no object as large as some of this run: it answers 413'),
      );
      expect(madeAnew(await realize(on.machine(), shared))).toEqual([
        'fetch-model checkpoints/big.safetensors',
        'fetch-model loras/small.safetensors',
      ]);
    });
  },
);
