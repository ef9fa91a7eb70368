import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';

import type { Finding } from '../../pipelines/doctor/finding.ts';
import { unplugged } from '../rig/unplugged.ts';
import { type Bench, type Ended, openBench } from './rig.ts';
import { listing } from './tree.ts';

let bench: Bench;

beforeEach(() => void (bench = openBench()));
afterEach(() => bench[Symbol.dispose]());

interface Report {
  readonly type: 'doctor';
  readonly ready: boolean;
  readonly findings: readonly Finding[];
}

const reportOf = ({ stdout, stderr }: Ended): Report => {
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Report;
};

const about = ({ findings }: Report, what: string): Finding | undefined =>
  findings.find((finding) => finding.about === what);

const problems = ({ findings }: Report): readonly string[] =>
  findings.flatMap((finding) => (finding.is === 'problem' ? [finding.about] : []));

const said = (program: string, ...args: readonly string[]): string =>
  execFileSync(program, args, { encoding: 'utf8' }).trim();

/** A directory that is all of PATH: these programs of the machine, and these scripts. */
function pathOf(programs: readonly string[], scripts: Readonly<Record<string, string>> = {}): string {
  const directory = bench.at('bin');
  mkdirSync(directory);
  for (const program of programs) {
    // What stands on PATH may be a shim, which needs its own place.
    const where =
      program === 'python3'
        ? said('python3', '-c', 'import os, sys; print(os.path.realpath(sys.executable))')
        : said('sh', '-c', `command -v ${program}`);
    symlinkSync(where, bench.at('bin', program));
  }
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(bench.at('bin', name), `#!/bin/sh\n${text}\n`);
    chmodSync(bench.at('bin', name), 0o755);
  }
  return directory;
}

const answering = (version: string): string =>
  `echo '{"path": "/usr/bin/python3", "version": "${version}", "cacheTag": "cpython-37", "platform": "linux-x86_64"}'`;

it('says what is there, writes nothing, and exits with 0 when nothing prevents a realize', async () => {
  const before = listing(bench.directory);
  const ended = await bench.pipeline(['doctor', '--json']);
  expect(ended.exitCode).toBe(0);
  const report = reportOf(ended);
  expect(report).toMatchObject({ type: 'doctor', ready: true });
  expect(problems(report)).toEqual([]);
  expect(about(report, 'git')).toMatchObject({ is: 'ok', says: expect.stringMatching(/^\d+\.\d+.*\(\//) });
  expect(about(report, 'cache')!.says).toContain(`${bench.cache} ($COMFY_CACHE_ROOT)`);
  expect(about(report, 'target')!.says).toContain(`${bench.home} ($HOME)`);
  expect(about(report, 'variables')!.says).toContain(`COMFY_CACHE_ROOT=${bench.cache}`);
  expect(listing(bench.directory)).toEqual(before);
});

it('tells people the same, each with what to do, and ends with the verdict', async () => {
  const { stdout, stderr } = await bench.pipeline(['doctor'], {
    env: { COMFY_CACH: 'x', HF_TOKEN: 'hf_'.padEnd(40, 'y') },
  });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^✔ git +\d/m);
  expect(stdout).toMatch(/^⚠ COMFY_CACH +is set, and nothing reads it\n +hint: did you mean COMFY_CACHE_ROOT\?$/m);
  expect(stdout).toMatch(/^✔ Hugging Face token +HF_TOKEN is set$/m);
  expect(stdout).not.toContain('hf_y');
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^Nothing prevents a realize here; \d warnings?$/);
});

it.for([
  { lacks: 'git', programs: ['python3'], scripts: {}, says: 'There is no git on PATH' },
  { lacks: 'Python', programs: ['git'], scripts: {}, says: 'Python 3 does not exist' },
  { lacks: 'Python', programs: ['git'], scripts: { python3: answering('3.7.1') }, says: 'Python 3 does not exist' },
])('without $lacks nothing can be realized: $scripts', async ({ lacks, programs, scripts, says }) => {
  const ended = await bench.pipeline(['doctor', '--json'], { env: { PATH: pathOf(programs, scripts) } });
  const report = reportOf(ended);
  expect(ended.exitCode).toBe(1);
  expect(report.ready).toBe(false);
  expect(problems(report)).toEqual([lacks]);
  const found = about(report, lacks)!;
  expect(found.says).toBe(says);
  expect(found.remedy).toBeTruthy();
  if ('python3' in scripts) expect(found.remedy).toContain('found 3.7.1');
});

it('looks for the Python of a version, and at the target it has', async () => {
  bench.write({
    'versions/other.json': {
      schema_version: 2,
      version_id: 'other',
      comfy: { repo: './core' },
      python: { version: '3.99' },
      target: bench.at('elsewhere/deep'),
    },
  });
  const ended = await bench.pipeline(['doctor', 'other', '--json']);
  const report = reportOf(ended);
  expect(ended.exitCode).toBe(1);
  expect(about(report, 'Python')).toMatchObject({ is: 'problem', says: 'Python 3.99 does not exist' });
  expect(about(report, 'target')!.says).toContain(`${bench.at('elsewhere/deep')} (the version says so)`);
  const unknown = await bench.pipeline(['doctor', 'othr']);
  expect(unknown).toMatchObject({ exitCode: 3, stdout: '' });
  expect(unknown.stderr).toContain('did you mean `other`?');
});

it('--probe-volume really tries, and leaves nothing behind', async () => {
  const ended = await bench.pipeline(['doctor', '--probe-volume', bench.home, '--json']);
  const report = reportOf(ended);
  expect(problems(report)).toEqual([]);
  for (const what of ['exclusive files', 'rename', 'visibility'])
    expect(about(report, what)).toMatchObject({ is: 'ok', measured: { rounds: 100 } });
  expect(about(report, 'links')).toMatchObject({ measured: { symlink: true } });
  expect(about(report, 'flush')!.measured!['fsync_ms']).toBeGreaterThanOrEqual(0);
  expect(about(report, 'times')!.measured).toHaveProperty('mtime_grain_ns');
  expect(about(report, 'names')!.measured).toHaveProperty('case_sensitive');
  expect(about(report, 'locks')).toBeDefined();
  expect(readdirSync(bench.home)).toEqual([]);
});

it('--probe-volume of what is no directory says so', async () => {
  const ended = await bench.pipeline(['doctor', '--probe-volume', bench.at('nowhere')]);
  expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
  expect(ended.stderr).toContain(`The directory ${bench.at('nowhere')} does not exist`);
});

it('--services asks nobody when the network is not to be used', async () => {
  for (const [flags, env] of [
    [['--offline'], {}],
    [[], { COMFY_OFFLINE: '1' }],
  ] as const) {
    const report = reportOf(await bench.pipeline(['doctor', '--services', '--json', ...flags], { env }));
    expect(about(report, 'services')!.says).toBe('not asked: the network is not to be used');
    expect(about(report, 'GitHub')).toBeUndefined();
  }
});

it.skipIf(unplugged === undefined)(
  '--services that nobody answers are warnings: what is cached needs none',
  async () => {
    const ended = await bench.pipeline(['doctor', '--services', '--json'], { under: unplugged! });
    const report = reportOf(ended);
    expect(ended.exitCode).toBe(0);
    for (const name of ['GitHub', 'node registry', 'Hugging Face', 'Civitai', 'package index'])
      expect(about(report, name)).toMatchObject({ is: 'warning', remedy: expect.stringContaining('network') });
  },
);

const canMount = spawnSync('unshare', ['--mount', 'true']).status === 0;

/** Puts a command into a mount namespace of its own, where a fresh tmpfs is at a directory. */
const mounted = (directory: string, options: string, then = ':'): readonly string[] => {
  mkdirSync(directory);
  const script = `mount -t tmpfs -o ${options} none ${directory} && ${then} && exec "$@"`;
  return ['unshare', '--mount', 'sh', '-c', script, 'sh'];
};

it.skipIf(!canMount)('a volume without room is a problem of the cache, and cannot be probed', async () => {
  const full = bench.at('full');
  const under = mounted(full, 'size=64k', `dd if=/dev/zero of=${full}/stuff bs=1k 2>/dev/null || true`);
  const args = ['doctor', '--json', '--probe-volume', full];
  const ended = await bench.pipeline(args, { under, env: { COMFY_CACHE_ROOT: `${full}/cache` } });
  const report = reportOf(ended);
  expect(ended.exitCode).toBe(1);
  expect(about(report, 'cache')).toMatchObject({ is: 'problem', remedy: expect.stringContaining('free some space') });
  expect(about(report, 'volume')).toMatchObject({ is: 'problem', says: expect.stringContaining('ENOSPC') });
});

it.skipIf(!canMount)('a read-only volume is a problem of who would write there', async () => {
  const still = bench.at('still');
  const under = mounted(still, 'size=100m', `mount -o remount,ro ${still}`);
  const args = ['doctor', '--json', '--target', `${still}/t`, '--probe-volume', still];
  const ended = await bench.pipeline(args, { under });
  const report = reportOf(ended);
  expect(ended.exitCode).toBe(1);
  expect(about(report, 'target')).toMatchObject({ is: 'problem', says: expect.stringContaining('EROFS') });
  expect(about(report, 'volume')).toMatchObject({ is: 'problem', says: expect.stringContaining('EROFS') });
});

it.skipIf(!canMount)(
  'a volume from which nothing may be started is a problem, and cannot share files with the cache',
  async () => {
    const still = bench.at('still');
    const args = ['doctor', '--json', '--target', `${still}/t`, '--probe-volume', still];
    const ended = await bench.pipeline(args, { under: mounted(still, 'noexec,size=200m') });
    const report = reportOf(ended);
    expect(problems(report)).toEqual(['programs']);
    expect(about(report, 'placing files')).toMatchObject({ is: 'warning', measured: { hardlink: false } });
    expect(about(report, 'target')).toMatchObject({ is: 'warning' });
    expect(existsSync(still)).toBe(true);
  },
);
