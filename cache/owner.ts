import { readFileSync, readlinkSync, statfsSync } from 'node:fs';

/**
 * One process, told from every other one there has been: the boot of its kernel, its PID namespace (containers of one
 * machine share a boot, not their pids), its pid, and when it started in clock ticks since the boot. Short enough to be
 * in the names of files.
 */
export interface Owner {
  readonly boot: string;
  readonly space: string;
  readonly pid: number;
  readonly start: string;
}

/** Where a system does not say: such an owner is never taken for gone. */
const unknown = 'unknown';

let self: Owner | undefined;

/** This process. */
export function thisProcess(): Owner {
  self ??= {
    boot: told(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8)),
    space: told(() => readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')),
    pid: process.pid,
    start: told(() => readStat(process.pid).start),
  };
  return self;
}

/** Whether two are one process. */
export const sameOwner = (one: Owner, other: Owner): boolean =>
  (['boot', 'space', 'pid', 'start'] as const).every((part) => one[part] === other[part]);

/** Whether an owner is certainly gone, as a process or with its whole machine. `directory` is where it left something. */
export function isGone(owner: Owner, directory: string): boolean {
  const here = thisProcess();
  if ([owner, here].some(({ boot, space, start }) => [boot, space, start].includes(unknown))) return false;
  // Two machines never mount one local volume at a time: who wrote here before this boot is not running.
  if (owner.boot !== here.boot) return isLocal(directory);
  return owner.space === here.space && !isRunning(owner);
}

/** Whether an owner is certainly a process that runs, for it can be seen from here. */
export function isAlive(owner: Owner): boolean {
  const here = thisProcess();
  if ([owner, here].some(({ boot, space, start }) => [boot, space, start].includes(unknown))) return false;
  return owner.boot === here.boot && owner.space === here.space && isRunning(owner);
}

function isRunning({ pid, start }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  try {
    const stat = readStat(pid);
    return stat.start === start && !['Z', 'X'].includes(stat.state);
  } catch {
    return true; // It exists, and is hidden from us.
  }
}

/** Fields 3 and 22 of /proc/<pid>/stat. Field 2 is a name that may hold spaces and brackets. */
function readStat(pid: number): { readonly state: string; readonly start: string } {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', start: fields[19] ?? unknown };
}

/** ext, xfs, btrfs, f2fs, zfs, tmpfs, overlay: what statfs calls volumes that one kernel has to itself. */
const localVolumes = [0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x2fc12fc1, 0x01021994, 0x794c7630];

const isLocal = (directory: string): boolean => localVolumes.includes(statfsSync(directory).type);

function told(read: () => string): string {
  try {
    return read();
  } catch {
    return unknown;
  }
}
