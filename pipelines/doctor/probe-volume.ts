import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  statfsSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { fine, type Finding, problem, warning } from './finding.ts';
import { tryLinks } from './links.ts';
import { openScratch } from './scratch.ts';
import { type Starting, tryTogether } from './two-processes.ts';

/** Tries out what a volume can do, in a directory that is gone afterwards. Only this machine's view can be tried. */
export async function probeVolume(directory: string, starting: Starting): Promise<readonly Finding[]> {
  try {
    using scratch = openScratch(directory);
    const at = (name: string): string => join(scratch.path, name);
    const alone = [kind(directory), flushing(at), times(at), names(at), programs(at), linking(directory)];
    const locks = await locking(at('lock'), starting.signal);
    return [...alone, locks, ...(await tryTogether(scratch.path, starting))];
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (starting.signal.aborted) throw error;
    return [
      problem('volume', `It could not be tried: ${code ?? message}`, 'free some space, or choose another volume'),
    ];
  }
}

/** What statfs calls volumes whose bytes are on another machine, or behind another program. */
const far: Readonly<Record<number, string>> = {
  0x65735546: 'FUSE',
  0x6969: 'NFS',
  0xff534d42: 'CIFS',
  0xfe534d42: 'SMB',
  0x00c36400: 'Ceph',
  0x0bd00bd0: 'Lustre',
};

function kind(directory: string): Finding {
  const { type } = statfsSync(directory);
  const name = far[type];
  return name === undefined
    ? fine('volume', `${directory}: of this machine (type 0x${type.toString(16)})`, { type })
    : fine('volume', `${directory}: ${name}; other machines may see it otherwise than this one does`, { type });
}

/** How long it takes until written bytes are safe. It is told, not judged. */
function flushing(at: (name: string) => string): Finding {
  const costs = Array.from({ length: 20 }, (_, n) => {
    const file = openSync(at(`flushed-${n}`), 'w');
    writeFileSync(file, Buffer.alloc(4096, n));
    const began = performance.now();
    fsyncSync(file);
    const ms = performance.now() - began;
    closeSync(file);
    return ms;
  }).toSorted((a, b) => a - b);
  const median = Math.round(costs[10]! * 100) / 100;
  return fine('flush', `fsync is taken, and takes ${median} ms (median of 20 files of 4 KiB)`, { fsync_ms: median });
}

/** How fine the times of files are, and whether whoever keeps them has our clock. */
function times(at: (name: string) => string): Finding {
  const file = at('times');
  writeFileSync(file, '');
  const skew = Math.round((statSync(file).mtimeMs - Date.now()) / 1000);
  utimesSync(file, 1000.123456789, 1000.123456789);
  const kept = Number(statSync(file, { bigint: true }).mtimeNs % 1_000_000_000n);
  const grain = [1e9, 1e6, 1e3].find((size) => kept % size === 0) ?? 1;
  const measured = { mtime_grain_ns: grain, clock_skew_s: skew };
  if (Math.abs(skew) > 2)
    return warning(
      'times',
      `Its clock is ${Math.abs(skew)} s ${skew > 0 ? 'before' : 'behind'} this machine’s`,
      'nothing here compares the two, but make does: set one of them',
      measured,
    );
  return grain === 1e9
    ? fine('times', 'whole seconds: an edit within one second is found by size and inode, or by --verify', measured)
    : fine('times', `finer than a second (${grain} ns)`, measured);
}

function names(at: (name: string) => string): Finding {
  for (const name of ['Case', 'e\u0301']) writeFileSync(at(name), '');
  const ignored = [...(existsSync(at('cASE')) ? ['case'] : []), ...(existsSync(at('\u00e9')) ? ['composition'] : [])];
  return ignored.length === 0
    ? fine('names', 'are kept as they are written', { case_sensitive: true })
    : warning(
        'names',
        `that differ only in ${ignored.join(' and ')} are one file`,
        'nodes whose names differ in nothing else cannot both be placed here',
        { case_sensitive: !ignored.includes('case') },
      );
}

/** Whether what a package brings to `.venv/bin` could be started. */
function programs(at: (name: string) => string): Finding {
  const file = at('program');
  writeFileSync(file, '#!/bin/sh\nexit 0\n');
  chmodSync(file, 0o755);
  const { error } = spawnSync(file);
  return error === undefined
    ? fine('programs', 'can be started from it')
    : problem('programs', `cannot be started from it (noexec): ${error.message}`, 'put targets on another volume');
}

function linking(directory: string): Finding {
  const links = tryLinks(directory, directory);
  const can = Object.entries(links).map(([name, works]) => `${name} ${works ? 'yes' : 'no'}`);
  const measured = { ...links };
  return links.symlink
    ? fine('links', can.join(', '), measured)
    : problem('links', can.join(', '), 'models are placed as symbolic links: put targets on another volume', measured);
}

/** Whether a lock that one process holds is refused to another one, and free when that ends. Nothing of ours depends on it. */
async function locking(file: string, signal: AbortSignal): Promise<Finding> {
  const about = 'locks';
  const isFree = (): boolean => spawnSync('flock', ['-n', file, 'true']).status === 0;
  if (spawnSync('flock', ['--version']).error !== undefined)
    return fine(about, 'not tried: there is no `flock` here. Nothing depends on them: claims are renames');
  const holder = spawn('flock', ['-n', file, 'cat'], { signal, stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(holder, 'close');
  holder.stdin.write('held\n');
  await Promise.race([once(holder.stdout, 'data'), ended]);
  const refused = !isFree();
  holder.stdin.end();
  await ended;
  const given = isFree();
  return refused && given
    ? fine(about, 'flock holds between processes of this machine; nothing depends on it: claims are renames')
    : warning(
        about,
        refused ? 'flock is not given back' : 'flock means nothing here: two processes hold it at once',
        'programs that trust it must not share this volume; pipeline does not trust it',
        { flock: false },
      );
}
