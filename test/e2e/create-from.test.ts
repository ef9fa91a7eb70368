import { hash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { pngOf, textOf } from '../import/png.ts';
import { startFileServer } from '../rig/file-server.ts';
import { commit, making, refusal, repo } from './making.ts';

const on = making();

const snapshot = {
  comfyui: commit,
  git_custom_nodes: {},
  cnr_custom_nodes: { a: '1.0.0' },
  file_custom_nodes: [],
  pips: {},
};

describe('create --from', () => {
  it('reports a line for each thing, and tells what it read by what is in it', async () => {
    on.bench.write({ 'some.txt': snapshot });
    const { exitCode, stdout, stderr } = await on.create('--from', 'some.txt', '--repo', repo);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toBe(
      [
        'Read some.txt: a ComfyUI-Manager snapshot',
        'taken    comfyui 3736581  at the commit of the snapshot',
        'taken    node a 1.0.0     from the registry',
        '2 taken, 0 guessed, 0 lost',
        'Wrote versions/mine.json: `pipeline validate mine` pins it',
        '',
      ].join('\n'),
    );
    expect(on.written()).toMatchObject({ comfy: { repo, commit }, custom_nodes: [{ id: 'a', version: '1.0.0' }] });
  });

  it('reports as data', async () => {
    on.bench.write({ 'snapshot.json': { ...snapshot, file_custom_nodes: [{ filename: 'x.py', disabled: false }] } });
    const { stdout } = await on.create('--from', 'snapshot.json', '--repo', repo, '--json');
    expect(JSON.parse(stdout)).toEqual({
      kind: 'created',
      file: 'versions/mine.json',
      source: 'a ComfyUI-Manager snapshot',
      report: [
        { fate: 'taken', what: 'comfyui 3736581', why: 'at the commit of the snapshot' },
        { fate: 'taken', what: 'node a 1.0.0', why: 'from the registry' },
        { fate: 'lost', what: 'file x.py', why: 'a node in a single file comes from nowhere' },
      ],
    });
  });

  it('shows nothing that steers a terminal, and no secret', async () => {
    on.bench.write({
      'list.txt': 'https://git.example/r?token=hunter2hunter2\n',
      'x.json': { ...snapshot, cnr_custom_nodes: { 'a\u001b[31m': '1.0.0' } },
    });
    const first = await on.create('--from', 'list.txt');
    expect(first.stdout).not.toContain('hunter2');
    const second = await on.create('--from', 'x.json', '--force');
    expect(second.stdout).toContain('lost');
    expect(second.stdout).not.toContain('\u001b');
  });

  it('what was given wins over what was found', async () => {
    on.bench.write({ 'snapshot.json': snapshot });
    const { stdout } = await on.create('--from', 'snapshot.json', '--repo', `${repo}@v2`, '--nodes', 'A@2.0.0');
    expect(stdout).toContain('lost     comfyui 3736581  --repo says which one is wanted\n');
    expect(stdout).toContain(
      'lost     node a 1.0.0     The directory custom_nodes/a is taken by another one (--nodes)\n',
    );
    expect(on.written()).toMatchObject({ comfy: { repo, ref: 'v2' }, custom_nodes: [{ id: 'A', version: '2.0.0' }] });
  });

  it('an unknown commit is refused, and nothing is written', async () => {
    on.bench.write({
      'snapshot.json': {
        ...snapshot,
        git_custom_nodes: { 'https://git.example/a': { hash: 'unknown', disabled: false } },
      },
    });
    const problem = 'Manager did not know which one it was, so nobody does: write it here, or take the entry out';
    expect(await on.attempt(['create', 'mine', '--from', 'snapshot.json'])).toEqual(
      refusal(3, `error: snapshot.json: git_custom_nodes.https://git.example/a.hash: ${problem}\n`),
    );
  });

  it('an image that lies is refused, and nothing is written', async () => {
    writeFileSync(
      join(on.bench.project, 'x.png'),
      pngOf({ type: 'tEXt', data: textOf('workflow', '{}'), claim: 99_999 }),
    );
    expect(await on.attempt(['create', 'mine', '--from', 'x.png'])).toEqual(
      refusal(3, 'error: Refused x.png: a chunk says that it is 99999 bytes long, and the file ends before\n'),
    );
  });

  describe('a workflow', () => {
    const workflow = { nodes: [{ type: 'KSampler' }, { type: 'Foo' }, { type: 'Bar/Baz' }, { type: 'Nobody' }] };
    const served = { id: 'foo-pack', repository: 'https://github.com/o/foo', name: 'Foo' };

    it('in an image: the registry is asked about its classes', async () => {
      await using server = await startFileServer();
      server.serve('/comfy-nodes/Foo/node', JSON.stringify(served));
      server.serve('/comfy-nodes/Bar%2FBaz/node', JSON.stringify(served));
      const image = pngOf({ type: 'tEXt', data: textOf('workflow', JSON.stringify(workflow)) });
      writeFileSync(join(on.bench.project, 'x.jpg'), image);
      const ended = await on.bench.pipeline(['create', 'mine', '--from', 'x.jpg', '--json'], {
        env: { COMFY_REGISTRY_URL: server.origin },
      });
      expect(ended.exitCode).toBe(0);
      expect(server.asked.map(({ path }) => path).toSorted()).toEqual([
        '/comfy-nodes/Bar%2FBaz/node',
        '/comfy-nodes/Foo/node',
        '/comfy-nodes/Nobody/node',
      ]);
      const { report } = JSON.parse(ended.stdout) as { report: readonly unknown[] };
      expect(report.slice(1)).toEqual([
        { fate: 'guessed', what: 'node foo-pack', why: 'from the registry, its latest release: it has Foo and 1 more' },
        { fate: 'lost', what: 'class Nobody', why: 'no pack of the registry has it' },
      ]);
      expect(on.written()['custom_nodes']).toEqual([{ id: 'foo-pack', version: 'latest' }]);
    });

    it('with a commit of a pack: the registry is asked where its sources are', async () => {
      await using server = await startFileServer();
      server.serve('/nodes/foo-pack', JSON.stringify(served));
      on.bench.write({ 'x.json': { nodes: [{ type: 'Foo', properties: { cnr_id: 'foo-pack', ver: commit } }] } });
      const env = { COMFY_REGISTRY_URL: server.origin };
      const ended = await on.bench.pipeline(['create', 'mine', '--from', 'x.json'], { env });
      expect(ended.exitCode).toBe(0);
      expect(on.written()['custom_nodes']).toEqual([{ name: 'foo', repo: served.repository, commit }]);
    });

    it.each([
      ['--offline', ['--offline'], {}],
      ['COMFY_OFFLINE=1', [], { COMFY_OFFLINE: '1' }],
    ])('%s: nobody is asked, and what is not known is said', async (_, flags, env) => {
      await using server = await startFileServer();
      on.bench.write({ 'x.json': workflow });
      const { exitCode, stdout } = await on.bench.pipeline(['create', 'mine', '--from', 'x.json', ...flags], {
        env: { ...env, COMFY_REGISTRY_URL: server.origin },
      });
      expect(exitCode).toBe(0);
      expect(server.asked).toEqual([]);
      expect(stdout).toContain(
        'lost     class Foo      nothing says which pack has it, and the registry was not asked\n',
      );
    });

    it('a registry that refuses fails it, and no version is written', async () => {
      await using server = await startFileServer();
      server.serve('/comfy-nodes/Foo/node', '', { always: { fault: 'status', status: 403 } });
      on.bench.write({ 'x.json': workflow });
      const { exitCode, stdout, stderr } = await on.bench.pipeline(['create', 'mine', '--from', 'x.json'], {
        env: { COMFY_REGISTRY_URL: server.origin },
      });
      expect(exitCode).toBe(5);
      expect(stdout).toBe('');
      expect(stderr).toContain('403');
      expect(stderr).toMatch(/^hint: --offline leaves out what only the registry knows$/m);
      expect(existsSync(join(on.bench.project, 'versions/mine.json'))).toBe(false);
    });
  });

  it('a ComfyUI directory is read without running anything in it', async () => {
    const programs = on.bench.at('programs');
    mkdirSync(programs);
    const called = on.bench.at('called');
    for (const name of ['git', 'python3', 'python', 'pip', 'sh'])
      writeFileSync(join(programs, name), `#!/bin/sh\necho ${name} >>${called}\n`, { mode: 0o755 });
    on.bench.write({
      'comfy/main.py': '',
      'comfy/.git/HEAD': `${commit}\n`,
      'comfy/.git/config': `[core]\n\tfsmonitor = touch ${called}\n[remote "origin"]\n\turl = ${repo}\n`,
      'comfy/custom_nodes/a/.tracking': 'pyproject.toml\n',
      'comfy/custom_nodes/a/pyproject.toml': '[project]\nname = "a"\nversion = "1.0.0"\n',
      'comfy/models/vae/x.ckpt': 'x',
    });
    const { exitCode } = await on.bench.pipeline(['create', 'mine', '--from', 'comfy'], { env: { PATH: programs } });
    expect(exitCode).toBe(0);
    expect(existsSync(called)).toBe(false);
    expect(on.written()).toMatchObject({
      comfy: { repo, commit },
      custom_nodes: [{ id: 'a', version: '1.0.0' }],
      models: [{ source: './comfy/models/vae/x.ckpt', checksum: `sha256:${hash('sha256', 'x')}`, size: 1 }],
    });
  });

  it('--no-hash lists models without reading them', async () => {
    on.bench.write({ 'comfy/main.py': '', 'comfy/custom_nodes/x': '', 'comfy/models/vae/x.ckpt': 'x' });
    expect((await on.create('--from', 'comfy', '--no-hash')).exitCode).toBe(0);
    expect(on.written()['models']).toEqual([
      { source: './comfy/models/vae/x.ckpt', target_path: '$MODELS_DIR/vae/x.ckpt', size: 1 },
    ]);
  });
});
