import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isIP, isIPv6 } from 'node:net';

/** Who listens on a port of this machine: the process group that was asked about, another process, nobody, or nobody can say. */
export type Listeners =
  | { readonly who: 'ours' | 'nobody' | 'unknown' }
  /** `process` is its number and name, where the system tells them. */
  | { readonly who: 'stranger'; readonly process?: string };

/**
 * Who answers at `host` and `port`, as the kernel tells it (Linux). `group` is the process group that counts as ours.
 * Answers `unknown` where there is no such thing to read.
 */
export function whoListens(host: string, port: number, group?: number): Listeners {
  const inodes = listeningInodes(host, port);
  if (inodes === undefined) return { who: 'unknown' };
  if (inodes.size === 0) return { who: 'nobody' };
  let process: string | undefined;
  for (const pid of pids()) {
    const holds = socketsOf(pid).some((inode) => inodes.has(inode));
    if (holds && group !== undefined && groupOf(pid) === group) return { who: 'ours' };
    if (holds) process = [`process ${pid}`, nameOf(pid)].filter(Boolean).join(' ');
  }
  return { who: 'stranger', ...(process === undefined ? {} : { process }) };
}

/** The state of a socket that listens, as the kernel writes it. */
const listening = '0A';

/** The sockets that a connection to `host` may reach; undefined where they cannot be listed. */
function listeningInodes(host: string, port: number): ReadonlySet<string> | undefined {
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => read(() => readFileSync(path, 'latin1')));
  if (tables.every((table) => table === undefined)) return undefined;
  const rows = tables.flatMap((table) => (table ?? '').split('\n').slice(1));
  const reached = rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, local, , state]) => {
      const [address = '', at = ''] = (local ?? '').split(':');
      return state === listening && Number.parseInt(at, 16) === port && covers(address, host);
    });
  return new Set(reached.flatMap((fields) => fields[9] ?? []));
}

/** Whether a socket bound to `address` is reached at `host`. A name may mean any address. */
const covers = (address: string, host: string): boolean =>
  /^0+$/.test(address) || isAny(host) || isIP(host) === 0 || readable(address) === canonical(host);

/** An address as the kernel writes it: hexadecimal, the bytes of each word turned around. */
function readable(address: string): string {
  const words = address.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => [...Buffer.from(word, 'hex')].toReversed());
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, n) => (bytes[2 * n]! * 256 + bytes[2 * n + 1]!).toString(16));
  return canonical(groups.join(':'));
}

/** The one spelling of an address; of one that stands for an IPv4 address, that. */
function canonical(host: string): string {
  if (!isIPv6(host)) return host;
  const spelled = new URL(`http://[${host}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(spelled) ?? [];
  if (high === undefined || low === undefined) return spelled;
  return [high, low].flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]).join('.');
}

const isAny = (host: string): boolean => host === '0.0.0.0' || host === '::';

const pids = (): readonly string[] => (read(() => readdirSync('/proc')) ?? []).filter((name) => /^\d+$/.test(name));

/** The sockets that a process holds; none of a process that may not be looked at. */
const socketsOf = (pid: string): readonly string[] =>
  (read(() => readdirSync(`/proc/${pid}/fd`)) ?? []).flatMap(
    (fd) => /^socket:\[(\d+)\]$/.exec(read(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? '')?.[1] ?? [],
  );

/** The fields after the name, which is in parentheses and may hold anything: state, parent, group. */
const groupOf = (pid: string): number | undefined => {
  const [, , group] = (read(() => readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? '').replace(/^.*\) /s, '').split(' ');
  return group === undefined ? undefined : Number(group);
};

const nameOf = (pid: string): string | undefined => {
  const name = read(() => readFileSync(`/proc/${pid}/comm`, 'utf8'))?.trim();
  return name === undefined ? undefined : `(${name})`;
};

/** A process may end while it is looked at, and some may not be looked at. */
function read<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
