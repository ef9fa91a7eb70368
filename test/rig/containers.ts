import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const works = (...[program, ...argv]: readonly [string, ...string[]]): boolean =>
  spawnSync(program, argv, { stdio: 'ignore' }).status === 0;

/** Whether containers can be run: podman, runc, a base made by debootstrap, and root. */
export const hasContainers =
  process.getuid?.() === 0 &&
  works('podman', '--version') &&
  works('runc', '--version') &&
  works('which', 'debootstrap');

const kept = join(import.meta.dirname, '../../node_modules/.cache/comfy-pipeline-test');

/**
 * A Debian with Python 3.11, its venv, and git, and nothing else, as `docker save` writes an image. Made once for a checkout: a minute the first time.
 * Debian's own mirror is where the machine's packages come from.
 */
export function debianImage(): string {
  const archive = join(kept, 'bookworm-python-venv-git.tar');
  if (existsSync(archive)) return archive;
  mkdirSync(kept, { recursive: true });
  const work = mkdtempSync(join(kept, 'making-'));
  try {
    const [root, image] = [join(work, 'root'), join(work, 'image')];
    mkdirSync(image);
    execFileSync(
      'debootstrap',
      ['--variant=minbase', '--include=python3,python3-venv,git,ca-certificates', 'bookworm', root],
      {
        stdio: 'ignore',
      },
    );
    for (const path of ['var/cache/apt/archives', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/locale'])
      rmSync(join(root, path), { recursive: true, force: true });
    execFileSync('tar', ['--numeric-owner', '-C', root, '-cf', join(image, 'layer.tar'), '.']);
    const diff = createHash('sha256')
      .update(readFileSync(join(image, 'layer.tar')))
      .digest('hex');
    const config = {
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config: { Env: ['PATH=/usr/local/bin:/usr/bin:/bin'] },
      rootfs: { type: 'layers', diff_ids: [`sha256:${diff}`] },
      history: [{ created_by: 'debootstrap' }],
    };
    writeFileSync(join(image, 'config.json'), JSON.stringify(config));
    const manifest = [{ Config: 'config.json', RepoTags: ['localhost/debian:python'], Layers: ['layer.tar'] }];
    writeFileSync(join(image, 'manifest.json'), JSON.stringify(manifest));
    execFileSync('tar', ['-C', image, '-cf', join(work, 'archive'), '.']);
    // Another process may have made it meanwhile: both are as good.
    renameSync(join(work, 'archive'), archive);
    return archive;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Images and containers of one test, away from those of the machine. */
export interface Podman extends Disposable {
  /** Runs podman to its end and answers what it printed. */
  (...argv: readonly string[]): string;
}

/** Opens podman where something was built (`where`), or an empty one. Its containers end with it, and an empty one goes. */
export function openPodman(where?: readonly string[]): Podman {
  const root = mkdtempSync(join(tmpdir(), 'podman-'));
  const own = ['--root', join(root, 'graph'), '--runroot', join(root, 'run'), '--storage-driver', 'overlay'];
  const how = [...(where ?? own), '--runtime', 'runc'];
  const podman = (...argv: readonly string[]): string =>
    execFileSync('podman', [...how, ...argv], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  return Object.assign(podman, {
    [Symbol.dispose]() {
      spawnSync('podman', [...how, 'rm', '--all', '--force', '--time', '0']);
      if (where === undefined) spawnSync('podman', [...how, 'rmi', '--all', '--force']);
      rmSync(root, { recursive: true, force: true });
    },
  });
}

/** What a container needs to start where limits may not be raised. */
export const modest = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1000:1000', '--no-healthcheck'] as const;
