import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './free-port.ts';

/** A server that speaks S3, with an empty bucket named `bucket`. `verifies` says whether it looks at signatures. */
export interface S3Server extends AsyncDisposable {
  readonly verifies: boolean;
  /** The variables by which it is found and used. */
  readonly variables: Readonly<Record<string, string>>;
}

const region = 'eu-test-1';
const keys = { id: 'AKIDOFTHISTEST', secret: 'secret-of-this-test' };

/**
 * Starts versitygw or moto, whichever is installed; else moto in an environment of this test's own, from the package index.
 * Nothing where none can be had.
 */
export async function startS3(): Promise<S3Server | undefined> {
  const directory = mkdtempSync(join(tmpdir(), 's3-'));
  const port = await freePort();
  const [verifies, argv, ready] = commandFor(directory, port);
  if (argv === undefined) {
    rmSync(directory, { recursive: true });
    return undefined;
  }
  const [program, ...rest] = argv;
  const server = spawn(program!, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  await saysSo(server, ready);
  const endpoint = `http://127.0.0.1:${port}`;
  // A directory is a bucket of versitygw; moto makes one for anybody.
  if (!verifies) await fetch(`${endpoint}/bucket`, { method: 'PUT' });
  return {
    verifies,
    variables: {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_REGION: verifies ? region : 'us-east-1',
      AWS_ACCESS_KEY_ID: keys.id,
      AWS_SECRET_ACCESS_KEY: keys.secret,
    },
    async [Symbol.asyncDispose]() {
      const ended = once(server, 'exit');
      server.kill('SIGKILL');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;

function commandFor(directory: string, port: number): readonly [boolean, (readonly string[])?, RegExp?] {
  if (has('versitygw')) {
    mkdirSync(join(directory, 'bucket'));
    const login = ['--access', keys.id, '--secret', keys.secret, '--region', region];
    return [true, ['versitygw', ...login, '--port', `127.0.0.1:${port}`, 'posix', directory], /listening on/];
  }
  const moto = has('moto_server') ? 'moto_server' : motoIn(directory);
  return moto === undefined ? [false] : [false, [moto, '-H', '127.0.0.1', '-p', String(port)], /Running on/];
}

/** The longest that making an environment may take, in milliseconds. */
const patience = 120_000;

function motoIn(directory: string): string | undefined {
  const pip = ['install', '--quiet', 'moto[s3,server]'];
  const made = goes('python3', '-m', 'venv', directory) && goes(join(directory, 'bin/pip'), ...pip);
  return made ? join(directory, 'bin/moto_server') : undefined;
}

const goes = (program: string, ...rest: readonly string[]): boolean =>
  spawnSync(program, rest, { timeout: patience, stdio: 'ignore' }).status === 0;

async function saysSo(server: ChildProcess, ready: RegExp | undefined): Promise<void> {
  const said = Promise.withResolvers<void>();
  const heard: string[] = [];
  for (const stream of [server.stdout!, server.stderr!])
    createInterface(stream).on('line', (line) => (heard.push(line), ready?.test(line) && said.resolve()));
  server.once('exit', () => said.reject(new Error(heard.join('\n'))));
  await said.promise;
}
