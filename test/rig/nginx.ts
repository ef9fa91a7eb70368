import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './free-port.ts';

/** Whether there is an nginx that knows PUT: Debian's `nginx-light` or any other of its packages. */
export const hasNginx = spawnSync('nginx', ['-V'], { encoding: 'utf8' }).stderr?.includes('http_dav_module') ?? false;

/** Whether a network namespace can be given a loopback device: by `ip`, of Debian's `iproute2`. */
export const hasIp = spawnSync('ip', ['-V']).error === undefined;

/** What opens the nginx of these tests for writers. */
export const writer = { user: 'ci', password: 'open-sesame' } as const;

/** A remote cache of a real nginx, with the configuration that README.md shows. */
export interface Nginx extends AsyncDisposable {
  readonly origin: string;
  /** Where the objects are. */
  readonly objects: string;
  /** The requests it has logged: `PUT /cas/<sha256> 201`. */
  readonly requests: () => readonly string[];
  /** Ends it at once. */
  readonly kill: () => Promise<void>;
  /** Its configuration's path. */
  readonly configuration: string;
}

/** Starts one on a free port. `edit` changes its configuration. */
export async function startNginx(edit: (configuration: string) => string = (same) => same): Promise<Nginx> {
  const directory = mkdtempSync(join(tmpdir(), 'nginx-'));
  const objects = join(directory, 'objects');
  mkdirSync(objects);
  writeFileSync(join(directory, 'writers'), `${writer.user}:{PLAIN}${writer.password}\n`);
  const port = await freePort();
  const configuration = join(directory, 'nginx.conf');
  const text = readFileSync(join(import.meta.dirname, '../../cache/remote/nginx.conf'), 'utf8');
  writeFileSync(
    configuration,
    edit(text.replaceAll('/srv/remote-cache', directory).replace('127.0.0.1:8080', `127.0.0.1:${port}`)),
  );
  const server = spawn('nginx', [...argumentsFor(configuration), '-g', `${foreground} error_log stderr notice;`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  // It says so when it has its sockets.
  for await (const line of createInterface(server.stderr)) {
    said.push(line);
    if (line.includes('event method')) break;
  }
  server.stderr.resume();
  if (server.exitCode !== null) throw new Error(said.join('\n'));
  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  };
  return {
    origin: `http://127.0.0.1:${port}`,
    objects,
    configuration,
    requests: () => logged(join(directory, 'access.log')),
    kill,
    async [Symbol.asyncDispose]() {
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** One process, which ends when it is killed. */
const foreground = 'daemon off; master_process off;';

const argumentsFor = (configuration: string): readonly string[] => ['-c', configuration, '-e', 'stderr'];

/**
 * What to put before a command so that it runs in a network namespace where a second nginx with the same objects is the only
 * thing that answers. `unplugged` is a way into an empty one.
 */
export function aloneWith({ configuration }: Nginx, unplugged: readonly string[]): readonly string[] {
  const script = [
    'ip link set lo up',
    // It goes to the background when it has its sockets.
    `nginx ${argumentsFor('"$0"').join(' ')} -g "master_process off; pid $0.pid;"`,
    `trap 'kill "$(cat "$0.pid")"' EXIT`,
    '"$@"',
  ];
  return [...unplugged, 'sh', '-ec', script.join('\n'), configuration];
}

const logged = (file: string): readonly string[] =>
  existsSync(file)
    ? [...readFileSync(file, 'utf8').matchAll(/"(\w+ \S+) HTTP\/1\.1" (\d+)/g)].map(
        ([, what, status]) => `${what} ${status}`,
      )
    : [];
