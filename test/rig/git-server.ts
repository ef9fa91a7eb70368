import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** A file of a commit: its text or bytes, or something less usual. `null` deletes it. */
export type FileContent =
  | string
  | Uint8Array
  | { readonly executable: string }
  | { readonly link: string }
  | { readonly submodule: string }
  | null;

/** A bare repository that a test fills. */
export interface TestRepository {
  readonly path: string;
  /**
   * Adds one commit on top of `branch` (default `main`, which HEAD names) that changes `files`, and answers its id.
   * Author, message and dates are fixed: the same commits in the same order have the same ids. `date` is in seconds.
   */
  commit(
    files: Readonly<Record<string, FileContent>>,
    how?: { readonly branch?: string; readonly tag?: string; readonly date?: number },
  ): Promise<string>;
}

const environment = {
  PATH: process.env['PATH'] ?? '',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
};

/** Runs git with nobody's settings and answers what it printed. Rejects when it fails. */
export function git(
  args: readonly string[],
  { cwd, input }: { readonly cwd: string; readonly input?: Uint8Array },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile('git', args, { cwd, env: environment, maxBuffer: 64 << 20 }, (error, stdout) =>
      error ? reject(error) : resolve(stdout.trimEnd()),
    );
    child.stdin!.end(input);
  });
}

/** An empty bare repository `<root>/<name>`. */
export async function makeRepository(
  root: string,
  name: string,
  how: { readonly objectFormat?: 'sha1' | 'sha256' } = {},
): Promise<TestRepository> {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  const format = how.objectFormat === 'sha256' ? ['--object-format=sha256'] : [];
  await git(['init', '--quiet', '--bare', '--initial-branch=main', ...format, '.'], { cwd: path });
  let count = 0;
  return {
    path,
    async commit(files, { branch = 'main', tag, date } = {}) {
      const ref = `refs/heads/${branch}`;
      const parent = await git(['for-each-ref', '--format=%(objectname)', ref], { cwd: path });
      const input = fastImport({ ref, parent, files, tag, at: date ?? 1_700_000_000 + count, number: ++count });
      await git(['fast-import', '--quiet'], { cwd: path, input });
      return await git(['rev-parse', ref], { cwd: path });
    },
  };
}

/** One commit (and its annotated tag) in the language of `git fast-import`. */
function fastImport(commit: {
  readonly ref: string;
  readonly parent: string;
  readonly files: Readonly<Record<string, FileContent>>;
  readonly tag: string | undefined;
  readonly at: number;
  readonly number: number;
}): Uint8Array {
  const { ref, parent, files, tag, at, number } = commit;
  const person = `A Tester <tester@example.org> ${at} +0000`;
  const parts: (string | Uint8Array)[] = [
    `commit ${ref}\nauthor ${person}\ncommitter ${person}\n`,
    ...data(`Change ${number}\n`),
    ...(parent === '' ? [] : [`from ${parent}\n`]),
  ];
  for (const [name, content] of Object.entries(files)) {
    const path = JSON.stringify(name);
    if (content === null) parts.push(`D ${path}\n`);
    else if (typeof content === 'string' || content instanceof Uint8Array)
      parts.push(`M 100644 inline ${path}\n`, ...data(content));
    else if ('executable' in content) parts.push(`M 100755 inline ${path}\n`, ...data(content.executable));
    else if ('link' in content) parts.push(`M 120000 inline ${path}\n`, ...data(content.link));
    else parts.push(`M 160000 ${content.submodule} ${path}\n`);
  }
  if (tag !== undefined) parts.push(`\ntag ${tag}\nfrom ${ref}\ntagger ${person}\n`, ...data(`Tag ${tag}\n`));
  return Buffer.concat(parts.map((part) => Buffer.from(part as string)));
}

function data(content: string | Uint8Array): readonly (string | Uint8Array)[] {
  const bytes = Buffer.from(content as string);
  return [`data ${bytes.length}\n`, bytes, '\n'];
}

/** One request as the server saw it. `service` says what git was about. */
export interface GitRequest {
  readonly method: string;
  readonly repository: string;
  readonly service: 'discovery' | 'upload-pack' | 'other';
}

/** git over smart HTTP on a port of the loopback interface. */
export interface GitServer {
  url(repository: string): string;
  /** Every request since the start, in order. */
  readonly requests: GitRequest[];
  close(): Promise<void>;
}

/** How a server differs from a good one. */
export interface GitServerHabits {
  /** Speaks the protocol of old servers, which hand out only what a ref names. */
  readonly old?: boolean;
  /** Is handed a request before git is; answering it itself (or never) it returns true. */
  readonly intercept?: (request: GitRequest, response: ServerResponse) => boolean;
}

/** Serves every repository below `root` as `git http-backend` does. */
export async function serveGit(root: string, habits: GitServerHabits = {}): Promise<GitServer> {
  const requests: GitRequest[] = [];
  const children = new Set<ChildProcessWithoutNullStreams>();
  const server = createServer((incoming, response) => {
    const request = asGitRequest(incoming);
    requests.push(request);
    if (habits.intercept?.(request, response)) return;
    const child = spawn('git', ['http-backend'], { env: cgiEnvironment(root, incoming, habits) });
    children.add(child);
    child.on('close', () => children.delete(child));
    incoming.pipe(child.stdin);
    child.stdin.on('error', () => {});
    answer(child, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    requests,
    url: (repository) => `http://127.0.0.1:${port}/${repository}`,
    async close() {
      for (const child of children) child.kill('SIGKILL');
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function asGitRequest({ method = 'GET', url = '/' }: IncomingMessage): GitRequest {
  const { pathname } = new URL(url, 'http://localhost');
  const [, repository = '', rest = ''] =
    /^\/(.*?)\/(info\/refs|git-upload-pack|HEAD|objects\/.*)$/.exec(pathname) ?? [];
  const service = rest === 'info/refs' ? 'discovery' : rest === 'git-upload-pack' ? 'upload-pack' : 'other';
  return { method, repository, service };
}

function cgiEnvironment(
  root: string,
  { method = 'GET', url = '/', headers }: IncomingMessage,
  { old }: GitServerHabits,
) {
  const { pathname, search } = new URL(url, 'http://localhost');
  // Like the well-known hosts: `owner/repo` and `owner/repo.git` are the same.
  const [, repository = '', rest = ''] = /^\/(.*)\.git(\/.*)$/.exec(decodeURIComponent(pathname)) ?? [];
  const aliased = repository !== '' && existsSync(join(root, repository));
  const protocol = headers['git-protocol'];
  return {
    ...environment,
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    REMOTE_ADDR: '127.0.0.1',
    REQUEST_METHOD: method,
    PATH_INFO: aliased ? `/${repository}${rest}` : decodeURIComponent(pathname),
    QUERY_STRING: search.slice(1),
    CONTENT_TYPE: headers['content-type'] ?? '',
    ...(headers['content-encoding'] !== undefined && { HTTP_CONTENT_ENCODING: headers['content-encoding'] }),
    ...(protocol !== undefined && !old && { GIT_PROTOCOL: String(protocol) }),
  };
}

/** Turns what a CGI program prints (headers, an empty line, the body) into a response. */
function answer(child: ChildProcessWithoutNullStreams, response: ServerResponse): void {
  let head: Buffer | undefined = Buffer.alloc(0);
  child.stdout.on('data', (chunk: Buffer) => {
    if (head === undefined) return void response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    for (const line of head.toString('latin1', 0, end).split('\r\n')) {
      const [name = '', value = ''] = line.split(/: (.*)/s);
      if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.write(head.subarray(end + 4));
    head = undefined;
  });
  child.on('close', () => response.end());
  response.on('close', () => child.kill());
}
