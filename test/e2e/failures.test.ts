import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';

import type { Ended } from './rig.ts';
import { small } from './small.ts';
import { targetListing } from './tree.ts';
import { lockOf, type Pins } from './world.ts';

const on = small();

type Change = Partial<Pins> | Promise<Partial<Pins>>;

/** Realizes `small`, then with a change that cannot work. The target must be what it was, byte for byte. */
async function failing(change: () => Change, more: readonly string[] = []): Promise<Ended> {
  await on.realize();
  on.relock(await change());
  const before = targetListing(on.bench.target);
  const ended = await on.bench.realize('small', more);
  expect(ended.summary).toMatchObject({ ok: false, failed: 1, exit_code: ended.exitCode });
  expect(targetListing(on.bench.target)).toEqual(before);
  on.relock({});
  expect((await on.realize()).built).toEqual([]);
  return ended;
}

const withNode = (entry: Readonly<Record<string, unknown>>): Partial<Pins> => ({ nodes: on.nodesBut('alpha', entry) });
const withModel = (entry: Readonly<Record<string, unknown>>): Partial<Pins> => ({
  models: [...on.pins.models, entry],
});
const withWheel = (entry: Readonly<Record<string, unknown>>): Partial<Pins> => ({
  wheels: [...on.pins.wheels, entry],
});

it('a failed clone (an unknown commit) fails its step with exit code 3, and the target is what it was', async () => {
  const { exitCode, failed } = await failing(() => withNode({ ...on.node('alpha'), commit: 'f'.repeat(40) }));
  expect(exitCode).toBe(3);
  expect(failed.name).toBe('fetch-node alpha');
  expect(failed.failure).toMatchObject({ kind: 'absent', hint: expect.any(String) as string });
});

it('a repository that does not exist fails its step, and the target is what it was', async () => {
  const repo = on.world.git.url('nowhere');
  const { exitCode, failed } = await failing(() => withNode({ ...on.node('alpha'), repo, commit: 'f'.repeat(40) }));
  expect(failed.name).toBe('fetch-node alpha');
  expect([3, 5]).toContain(exitCode);
});

it('a model whose bytes are not what the lock says fails with exit code 4, and the target is what it was', async () => {
  const { exitCode, failed } = await failing(() =>
    withModel({ ...on.world.model('vae/wrong.safetensors', 'wrong'), sha256: 'a'.repeat(64) }),
  );
  expect(exitCode).toBe(4);
  expect(failed.name).toBe('fetch-model vae/wrong.safetensors');
  expect(failed.failure).toMatchObject({
    kind: 'integrity',
    expected: expect.stringContaining('a'.repeat(64)) as string,
  });
});

it('a wheel whose bytes are not what the lock says fails with exit code 4, and the target is what it was', async () => {
  const { exitCode, failed } = await failing(() =>
    withWheel({ ...on.world.wheel({ name: 'wrong', files: { 'wrong.py': '' } }), sha256: 'a'.repeat(64) }),
  );
  expect(exitCode).toBe(4);
  expect(failed.name).toBe('fetch-wheel wrong-1.0-py3-none-any.whl');
});

it('an archive of the registry whose bytes are not what the lock says fails with exit code 4', async () => {
  const pack = on.world.pack('alpha', '1.0.0', { '__init__.py': '' });
  const { exitCode, failed } = await failing(() => withNode({ ...pack, sha256: 'a'.repeat(64) }));
  expect(exitCode).toBe(4);
  expect(failed.name).toBe('fetch-pack alpha');
});

it('a download that is not there (404) fails with exit code 5, and the target is what it was', async () => {
  const sources = [`${on.world.files.origin}/gone.safetensors`];
  const { exitCode, failed } = await failing(() =>
    withModel({ path: 'vae/gone.safetensors', root: 'models', sources, sha256: 'a'.repeat(64), size: 4 }),
  );
  expect(exitCode).toBe(5);
  expect(failed.name).toBe('fetch-model vae/gone.safetensors');
  expect(failed.failure).toMatchObject({ kind: 'network', status: 404 });
});

it('a server that refuses connections fails with exit code 5, and the target is what it was', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const sources = [`http://127.0.0.1:${port}/x.safetensors`];
  const { exitCode, failed, events } = await failing(() =>
    withModel({ path: 'vae/x.safetensors', root: 'models', sources, sha256: 'a'.repeat(64), size: 4 }),
  );
  expect(exitCode).toBe(5);
  expect(failed.name).toBe('fetch-model vae/x.safetensors');
  expect(failed.failure).toMatchObject({ kind: 'network', transient: true });
  expect(events.filter(({ type }) => type === 'step.retried').length).toBeGreaterThan(0);
});

it('a wheel that pip refuses (a failed pip) fails its step with exit code 1 and a hint', async () => {
  const wheel = on.world.wheel({
    name: 'fussy',
    files: { 'fussy.py': '' },
    // The line after it is what pip looks at, and nothing of ours does.
    requires: ['nothing; extra == "none"\nRequires-Python: >=4'],
  });
  const { exitCode, failed } = await failing(() => withWheel(wheel), ['--installer', 'pip']);
  expect(failed.name).toBe('unpack-wheel fussy-1.0-py3-none-any.whl');
  expect(exitCode).toBe(1);
  expect(failed.failure).toMatchObject({ kind: 'command', hint: expect.any(String) as string });
});

it('a failure in a fresh target leaves nothing that looks like an environment', async () => {
  on.relock(withNode({ ...on.node('alpha'), commit: 'f'.repeat(40) }));
  const { exitCode } = await on.bench.realize('small');
  expect(exitCode).toBe(3);
  const left = Object.keys(targetListing(on.bench.target)).filter((path) => !path.startsWith('.pipeline/'));
  expect(left).toEqual([]);
});

it('--keep-going runs everything that does not depend on the failure, and still changes nothing', async () => {
  const model = { ...on.world.model('vae/wrong.safetensors', 'wrong'), sha256: 'a'.repeat(64) };
  const change = async (): Promise<Partial<Pins>> => ({
    ...withModel(model),
    ...withNode(await on.world.node('alpha', { '__init__.py': 'ALPHA = 9\n' })),
  });
  const { exitCode, outcomes } = await failing(change, ['--keep-going']);
  expect(exitCode).toBe(4);
  expect(outcomes).toMatchObject({ 'fetch-node alpha': 'built', 'link-models': 'skipped', activate: 'skipped' });
});

let mounted: string | undefined;
afterEach(() => {
  if (mounted !== undefined) execFileSync('umount', [mounted]);
  mounted = undefined;
});

const mount = (...args: readonly string[]): void => void execFileSync('mount', args, { stdio: 'ignore' });

/** Whether a small file system can be mounted here, which takes root. */
const canMount = ((): boolean => {
  if (process.getuid?.() !== 0) return false;
  const at = mkdtempSync(join(tmpdir(), 'e2e-mount-'));
  try {
    mount('-t', 'tmpfs', '-o', 'size=1m', 'none', at);
    execFileSync('umount', [at]);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(at);
  }
})();

/** Makes the target a volume of its own. */
function mountTarget(size: string): void {
  mkdirSync(on.bench.target);
  mount('-t', 'tmpfs', '-o', `size=${size}`, 'none', on.bench.target);
  mounted = on.bench.target;
}

it.skipIf(!canMount)('a full target fails with exit code 6, and is what it was', async () => {
  mountTarget('2m');
  const big = { 'big.bin': Buffer.alloc(4 << 20, 1) };
  const { exitCode, failed } = await failing(async () => withNode(await on.world.node('alpha', big)));
  expect(exitCode).toBe(6);
  expect(failed.name).toBe('place-node alpha');
  expect(failed.failure).toMatchObject({ kind: 'disk', code: 'ENOSPC', hint: expect.any(String) as string });
});

it.skipIf(!canMount)('a read-only target fails with exit code 6, and is what it was', async () => {
  mountTarget('8m');
  await on.realize();
  const before = targetListing(on.bench.target);
  on.relock(withNode(await on.world.node('alpha', { '__init__.py': 'ALPHA = 10\n' })));
  mount('-o', 'remount,ro', on.bench.target);
  const { exitCode, failed } = await on.bench.realize('small');
  expect(exitCode).toBe(6);
  expect(failed.name).toBe('place-node alpha');
  expect(failed.failure).toMatchObject({ kind: 'disk', code: 'EROFS' });
  expect(targetListing(on.bench.target)).toEqual(before);
  mount('-o', 'remount,rw', on.bench.target);
  expect((await on.realize()).built).toContain('activate');
});

it.skipIf(!canMount)('a fresh target on a read-only volume fails with exit code 6', async () => {
  mountTarget('1m');
  mount('-o', 'remount,ro', on.bench.target);
  const { exitCode, failed } = await on.bench.realize('small', ['--target', join(on.bench.target, 'fresh')]);
  expect(exitCode).toBe(6);
  expect(failed.failure).toMatchObject({ kind: 'disk', code: 'EROFS', hint: expect.any(String) as string });
});

it.skipIf(!canMount)('a cache on a read-only volume fails with exit code 6', async () => {
  mountTarget('1m');
  mount('-o', 'remount,ro', on.bench.target);
  const env = { COMFY_CACHE_ROOT: join(on.bench.target, 'cache') };
  const { exitCode, failed } = await on.bench.realize('small', ['--target', on.bench.at('elsewhere')], { env });
  expect(exitCode).toBe(6);
  expect(failed.failure).toMatchObject({ kind: 'disk', code: 'EROFS', hint: expect.any(String) as string });
});

it.skipIf(!canMount)('a target that is read-only and as it should be needs no write', async () => {
  mountTarget('8m');
  await on.realize();
  mount('-o', 'remount,ro', on.bench.target);
  expect((await on.realize()).built).toEqual([]);
});

it('a lock that pins nothing for this platform fails before anything is made', async () => {
  on.bench.lock('small', {
    ...lockOf(on.pins),
    python: { version: '3', platforms: [{ platform: 'plan9-mips', wheels: [] }] },
  });
  const { exitCode, stderr } = await on.bench.realize('small');
  expect(exitCode).toBe(3);
  expect(stderr).toContain('python.platforms');
  expect(existsSync(on.bench.target)).toBe(false);
});
