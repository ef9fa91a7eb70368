import { hash } from 'node:crypto';
import { expect, test } from 'vitest';

import { describe as inWords, Failed, type Failure, type ResolvedWheel } from '#engine';
import { pipFor } from '../../tasks/tools/python/pip.ts';
import { usefulLines } from '../../tasks/tools/python/resolve.ts';
import { type FileServer, startFileServer } from '../rig/file-server.ts';
import { pythonRoom } from '../rig/python.ts';
import { makeWheel, type WheelSpec } from '../rig/wheels.ts';

/** Serves wheels as a package index does. */
function index(server: FileServer, specs: readonly WheelSpec[], base = '/simple'): string {
  const pages = new Map<string, string>();
  for (const spec of specs) {
    const { filename, bytes, sha256 } = makeWheel(spec);
    const url = server.serve(`/files/${filename}`, bytes);
    const project = spec.name.replaceAll('_', '-');
    pages.set(project, `${pages.get(project) ?? ''}<a href="${url}#sha256=${sha256}">${filename}</a>\n`);
  }
  for (const [project, links] of pages)
    server.serve(`${base}/${project}/`, `<!DOCTYPE html>\n${links}`, { type: 'text/html' });
  return `${server.origin}${base}`;
}

const lib = (name: string, version: string, ...requires: readonly string[]): WheelSpec => ({ name, version, requires });

const shelf = [
  lib(
    'app',
    '1.0',
    'lib_one>=1',
    'lib-two[fast]; python_version >= "3"',
    'not-needed; extra == "never"',
    'other; python_version < "3"',
  ),
  lib('lib_one', '1.0'),
  lib('lib_one', '2.0'),
  lib('lib_two', '1.0', 'lib_one<2', 'speed; extra == "fast"', 'lib-one; extra == "slow"'),
  lib('speed', '3.0'),
  lib('rival', '1.0', 'lib-one>=2'),
];

type Change = { readonly indexUrl?: string; readonly extraIndexUrls?: readonly string[] };

interface World {
  readonly server: FileServer;
  readonly indexUrl: string;
  readonly room: ReturnType<typeof pythonRoom>;
  readonly resolve: (requirements: readonly string[], change?: Change) => Promise<readonly ResolvedWheel[]>;
  readonly failure: (requirements: readonly string[], change?: Change) => Promise<Failure>;
}

let pip: Promise<boolean> | undefined;

/** A world in which packages come from a server on the loopback interface alone. */
async function withWorld(skip: (note: string) => void, run: (world: World) => Promise<void>): Promise<void> {
  await using server = await startFileServer();
  // What the user configured must not matter when an index is named.
  using room = pythonRoom({ environment: { PIP_INDEX_URL: 'http://127.0.0.1:9/simple', PIP_FIND_LINKS: '/nowhere' } });
  const interpreter = await room.interpreter();
  pip ??= pipFor(interpreter, room).then(
    () => true,
    () => false,
  );
  if (!(await pip)) return skip('there is neither pip 22.3 nor uv on this machine');
  const indexUrl = index(server, shelf);
  const resolve: World['resolve'] = (requirements, change = {}) =>
    room.python.resolve({ requirements, interpreter, indexUrl, ...change });
  const failure: World['failure'] = (requirements, change) =>
    resolve(requirements, change).then(
      () => Promise.reject(new Error('It was resolved')),
      (error: unknown) => (error instanceof Failed ? error.failure : Promise.reject(error)),
    );
  await run({ server, indexUrl, room, resolve, failure });
}

test('the closure has every wheel with its place, its hash, and who wants it', ({ skip }) =>
  withWorld(skip, async ({ resolve, server, room }) => {
    const closure = await resolve(['App>=1  # why', 'lib_one', '--upgrade']);
    const found = (spec: WheelSpec, ...wantedBy: readonly string[]) => {
      const { filename, sha256 } = makeWheel(spec);
      const url = `${server.origin}/files/${filename}`;
      return { name: spec.name.replaceAll('_', '-'), version: spec.version, url, sha256, wantedBy };
    };
    expect(closure).toEqual([
      found(shelf[0]!, 'App>=1  # why'),
      found(shelf[1]!, 'app', 'lib-two', 'lib_one'),
      found(shelf[3]!, 'app'),
      found(shelf[4]!, 'lib-two'),
    ]);
    expect(room.said).toContain('the requirements, line 3: --upgrade is left out, it changes nothing here');
  }));

test('a wheel on a server and a second index count as well', ({ skip }) =>
  withWorld(skip, async ({ resolve, server }) => {
    const { filename, bytes, sha256 } = makeWheel(lib('direct', '1.0+local', 'elsewhere'));
    const url = server.serve(`/direct/${encodeURIComponent(filename)}`, bytes);
    server.serve(`/direct/${filename}`, bytes);
    const extra = index(server, [lib('elsewhere', '4.0')], '/extra');
    const closure = await resolve([url], { extraIndexUrls: [extra] });
    expect(closure.map(({ name, wantedBy }) => [name, wantedBy])).toEqual([
      ['direct', [url]],
      ['elsewhere', ['direct']],
    ]);
    expect(closure[0]).toMatchObject({ version: '1.0+local', sha256 });
  }));

test('without a named index, what the user told pip counts', ({ skip }) =>
  withWorld(skip, async ({ indexUrl, server }) => {
    using room = pythonRoom({ environment: { PIP_INDEX_URL: indexUrl } });
    const interpreter = await room.interpreter();
    const [wheel] = await room.python.resolve({ requirements: ['speed'], interpreter });
    expect(wheel?.url).toBe(`${server.origin}/files/speed-3.0-py3-none-any.whl`);
  }));

test('a conflict is told in the lines that matter', ({ skip }) =>
  withWorld(skip, async ({ failure }) => {
    const conflict = await failure(['app', 'rival']);
    expect(conflict).toMatchObject({ kind: 'command', command: 'pip install --dry-run', exitCode: 1 });
    const { message, hint } = inWords(conflict);
    expect(message).toMatch(/lib-two\S* 1\.0 depends on lib[-_]one<2/);
    expect(message).toMatch(/rival 1\.0 depends on lib[-_]one>=2/);
    expect(message).toContain('Cannot install app, rival and');
    expect(message).not.toMatch(/Collecting|To fix this|ResolutionImpossible|requirements\.txt/);
    expect(hint).toContain('python.overrides');
  }));

test('a package that is not there is named', ({ skip }) =>
  withWorld(skip, async ({ failure }) => {
    const missing = inWords(await failure(['lib-one==9']));
    expect(missing.message).toContain('lib-one==9');
    expect(missing.hint).toContain('python.index_url');
  }));

test('a source archive is not taken, let alone built', ({ skip }) =>
  withWorld(skip, async ({ failure, server }) => {
    const bytes = Buffer.from('never opened');
    const url = server.serve('/files/sdist-1.0.tar.gz', bytes);
    server.serve('/simple/sdist/', `<a href="${url}#sha256=${hash('sha256', bytes)}">sdist-1.0.tar.gz</a>`, {
      type: 'text/html',
    });
    expect(inWords(await failure(['sdist'])).message).toContain('sdist');
    expect(server.asked.map(({ path }) => path)).not.toContain('/files/sdist-1.0.tar.gz');
  }));

test('dangerous lines are refused before anybody is asked', ({ skip }) =>
  withWorld(skip, async ({ failure, server }) => {
    expect(await failure(['app', '--index-url http://127.0.0.1:9/'])).toMatchObject({
      kind: 'refused',
      what: 'line 2 of the requirements (--index-url http://127.0.0.1:9/)',
    });
    expect(server.asked).toEqual([]);
  }));

test('hashes of a requirement hold', ({ skip }) =>
  withWorld(skip, async ({ resolve, failure }) => {
    const { sha256 } = makeWheel(shelf[4]!);
    const wrong = 'f'.repeat(64);
    expect(await resolve([`speed --hash=sha256:${wrong} --hash=sha256:${sha256}`])).toHaveLength(1);
    expect(await failure([`speed --hash=sha256:${wrong}`])).toMatchObject({
      kind: 'integrity',
      what: 'speed',
      actual: sha256,
    });
  }));

test('the password of an index is in nothing that is said', ({ skip }) =>
  withWorld(skip, async ({ resolve, failure, indexUrl, room, server }) => {
    const secret = indexUrl.replace('http://', 'http://me:hunter22@');
    expect(JSON.stringify(await resolve(['speed'], { indexUrl: secret }))).not.toContain('hunter22');
    expect(server.asked.length).toBeGreaterThan(0);
    expect(JSON.stringify([await failure(['nothing'], { indexUrl: secret }), room.said])).not.toContain('hunter22');
  }));

test('nothing that resolves is a failure that says what to install', async () => {
  using room = pythonRoom({ path: ['empty'] });
  const interpreter = {
    path: room.at('no-python'),
    version: '3.11.7',
    cacheTag: 'cpython-311',
    platform: 'linux-x86_64',
  };
  const error: unknown = await room.python
    .resolve({ requirements: ['app'], interpreter })
    .catch((thrown: unknown) => thrown);
  expect(error instanceof Failed && error.failure).toMatchObject({
    kind: 'absent',
    what: 'A pip (22.3 or newer) or uv',
  });
});

test.for([[[0, 1, 2, 3, 4, 5, 6]], [[4, 5, 0, 1, 6, 2, 3]], [[0, 4, 1, 6, 5, 2, 3]]])(
  'usefulLines() tells errors before wishes, in whatever order they arrive: %j',
  ([order]) => {
    const said = [
      'Collecting a',
      'The conflict is caused by:',
      '    a 1 depends on b',
      'To fix this you could try to:',
    ];
    const errors = ['ERROR: Cannot install a and c', 'ERROR: ResolutionImpossible: for help', 'WARNING: x'];
    const lines = order!.map((at) => [...said, ...errors][at]!);
    expect(usefulLines(lines)).toEqual([
      'Cannot install a and c',
      'The conflict is caused by:',
      '    a 1 depends on b',
    ]);
  },
);

test('usefulLines() finds nothing where pip itself broke', () => {
  expect(usefulLines(['ERROR: Exception:', 'Traceback (most recent call last):', '  File "x"'])).toEqual([]);
});
