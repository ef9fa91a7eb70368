import { describe, expect, it } from 'vitest';

import { type Node, model, node, nodesIn, prompt, sha256, workflow } from './nodes.ts';
import { commit, imported, other, refusalOf } from './project.ts';

const core = (ver: string) => node('KSampler', { cnr_id: 'comfy-core', ver });

describe('a workflow', () => {
  it('becomes a version', async () => {
    const { kind, asked, document, lines } = await imported(
      workflow(
        node('KSampler', { cnr_id: 'comfy-core', ver: '0.3.40' }),
        node('ImpactX', { cnr_id: 'comfyui-impact-pack', ver: '8.15.3' }),
        node('KJ', { aux_id: 'kijai/ComfyUI-KJNodes', ver: commit }),
        node(
          'VAELoader',
          {
            cnr_id: 'comfy-core',
            ver: '0.3.40',
            models: [{ ...model, hash: sha256.toUpperCase(), hash_type: 'SHA256' }],
          },
          ['x.safetensors'],
        ),
      ),
    );
    expect(kind).toBe('a workflow');
    expect(asked).toEqual({ classes: [], ids: [] });
    expect(document).toMatchObject({
      comfy: { repo: 'https://github.com/comfyanonymous/ComfyUI', ref: 'v0.3.40' },
      custom_nodes: [
        { id: 'comfyui-impact-pack', version: '8.15.3' },
        { name: 'ComfyUI-KJNodes', repo: 'https://github.com/kijai/ComfyUI-KJNodes', commit },
      ],
      models: [{ source: model.url, target_path: '$MODELS_DIR/vae/x.safetensors', checksum: `sha256:${sha256}` }],
    });
    expect(lines).toEqual([
      'guessed comfyui v0.3.40: at the release that its nodes name; no repository is named, so https://github.com/comfyanonymous/ComfyUI is meant',
      'taken node comfyui-impact-pack 8.15.3: from the registry',
      'taken node ComfyUI-KJNodes 3736581: from git, at its commit',
      'taken model vae/x.safetensors: with its SHA-256',
    ]);
  });

  it.each<readonly [string, readonly Node[], readonly string[]]>([
    ['`v` before a release', [node('A', { cnr_id: 'a', ver: 'v1.0.0' })], ['taken node a 1.0.0: from the registry']],
    [
      'several releases of a pack',
      [
        node('A', { cnr_id: 'a', ver: '1.9.0' }),
        node('B', { cnr_id: 'A', ver: '1.10.0' }),
        node('C', { cnr_id: 'a', ver: '1.10.0-rc.1' }),
      ],
      ['guessed node a 1.10.0: from the registry: the newest of what its nodes name (1.9.0, 1.10.0, 1.10.0-rc.1)'],
    ],
    [
      'no version',
      [node('A', { cnr_id: 'a' })],
      ['guessed node a: from the registry, its latest release: no version is named'],
    ],
    [
      'nightly',
      [node('A', { cnr_id: 'a', ver: 'nightly' })],
      ['guessed node a: from the registry, its latest release: nightly cannot be looked up'],
    ],
    [
      'a repository, named by one of its nodes',
      [
        node('A', { cnr_id: 'a', ver: commit }),
        node('B', { cnr_id: 'a', aux_id: 'o/r', ver: commit }),
        node('C', { aux_id: 'O/R', ver: commit }),
      ],
      ['taken node r 3736581: from git, at its commit'],
    ],
    [
      'a commit, a short one',
      [node('A', { aux_id: 'o/r', ver: '3736581' })],
      ['guessed node r: from git, at its default branch: 3736581 cannot be looked up'],
    ],
    [
      'no commit',
      [node('A', { aux_id: 'o/r' })],
      ['guessed node r: from git, at its default branch: no version is named'],
    ],
    [
      'two commits',
      [node('A', { aux_id: 'o/r', ver: commit }), node('B', { aux_id: 'o/r', ver: other })],
      ['guessed node r 3736581: from git, at a commit: its nodes name 3736581, 196954a'],
    ],
    [
      'a repository that is elsewhere',
      [node('A', { aux_id: 'https://git.example/o/r', ver: commit })],
      ['taken node r 3736581: from git, at its commit'],
    ],
    [
      'a repository that is none',
      [node('A', { aux_id: '--upload-pack=x', ver: commit })],
      [
        'lost node --upload-pack=x 3736581: A git URL does not start with `-`, and has no spaces, `\\` or control characters',
      ],
    ],
    [
      'notes, groups and what the page itself brings',
      [
        node('Note'),
        node('MarkdownNote'),
        node('Reroute'),
        node('PrimitiveNode'),
        node('workflow>my group'),
        node('workflow/old'),
      ],
      [],
    ],
    ['what is no node', [{ id: 1 }, { id: 2, type: 7 }], []],
    [
      'a node that says nothing at all',
      [{ type: 'Foo' }],
      ['lost class Foo: nothing says which pack has it, and the registry was not asked'],
    ],
    [
      'broken properties',
      [
        { type: 'KSampler', properties: { cnr_id: 7, models: 'x' } },
        { type: 'KSampler', properties: null },
      ],
      [],
    ],
  ])('with %s', async (_, nodes, expected) => {
    expect(nodesIn((await imported(workflow(...nodes))).lines)).toEqual(expected);
  });

  it('several releases of ComfyUI: the newest', async () => {
    const { document, lines } = await imported(workflow(core('0.3.9'), core('0.3.40'), core('0.3.26')));
    expect(document).toMatchObject({ comfy: { ref: 'v0.3.40' } });
    expect(lines[0]).toMatch(/^guessed comfyui v0\.3\.40: at the newest of the 3 releases that its nodes name;/);
  });

  it('a commit of ComfyUI', async () => {
    const { document } = await imported(workflow(node('KSampler', { cnr_id: 'comfy-core', ver: commit })));
    expect(document).toMatchObject({ comfy: { commit } });
  });

  it('nodes in subgraphs and groups count, what stands for those does not', async () => {
    const id = '5a7d7fb8-2c4e-4a3c-9d2b-5f1f4e7a0a11';
    const { lines } = await imported({
      ...workflow(node(id), node('workflow>G')),
      definitions: {
        subgraphs: [
          {
            id,
            nodes: [node('A', { cnr_id: 'a', ver: '1.0.0' })],
            definitions: { subgraphs: [workflow(node('B', { cnr_id: 'b', ver: '2.0.0' }))] },
          },
        ],
      },
      extra: { groupNodes: { G: { nodes: [node('C', { cnr_id: 'c', ver: '3.0.0' })] } } },
    });
    expect(nodesIn(lines)).toEqual([
      'taken node a 1.0.0: from the registry',
      'taken node b 2.0.0: from the registry',
      'taken node c 3.0.0: from the registry',
    ]);
  });

  it('asks the registry where a commit of a pack is', async () => {
    const file = workflow(node('A', { cnr_id: 'a', ver: commit }));
    const { asked, lines } = await imported(file, { byId: { a: 'https://github.com/o/r' } });
    expect(asked).toEqual({ classes: [], ids: ['a'] });
    expect(nodesIn(lines)).toEqual([
      'guessed node r 3736581: from git, at a commit: the registry says where its sources are',
    ]);
    expect(nodesIn((await imported(file, { byId: { a: null } })).lines)).toEqual([
      'guessed node a: from the registry, its latest release: 3736581 cannot be looked up',
    ]);
  });

  it('asks the registry about classes that say nothing, but not about those of ComfyUI', async () => {
    const file = workflow(
      node('KSampler'),
      node('Foo'),
      node('Bar'),
      node('Baz'),
      node('Foo'),
      node('Qux'),
      node('A', { cnr_id: 'known', ver: '1.0.0' }),
    );
    const byClass = { Foo: 'foo-pack', Bar: 'foo-pack', Baz: null, Qux: 'Known' };
    const { asked, lines } = await imported(file, { byClass });
    expect(asked).toEqual({ classes: ['Foo', 'Bar', 'Baz', 'Qux'], ids: [] });
    expect(nodesIn(lines)).toEqual([
      'taken node known 1.0.0: from the registry',
      'guessed node foo-pack: from the registry, its latest release: it has Foo and 1 more',
      'lost class Baz: no pack of the registry has it',
    ]);
    expect(nodesIn((await imported(file, {})).lines)).toContain(
      'lost class Baz: nothing says which pack has it, and the registry was not asked',
    );
  });
});

describe('a workflow for the API', () => {
  it('names classes alone', async () => {
    const { kind, asked, lines } = await imported(prompt('KSampler', 'Foo'), { byClass: { Foo: 'foo-pack' } });
    expect(kind).toBe('a workflow for the API');
    expect(asked).toEqual({ classes: ['Foo'], ids: [] });
    expect(nodesIn(lines)).toEqual(['guessed node foo-pack: from the registry, its latest release: it has Foo']);
  });

  it.each([
    ['what is sent to a server', { prompt: prompt('Foo'), client_id: 'x' }, 'a workflow for the API'],
    [
      'the same with the workflow beside it',
      { prompt: prompt('Foo'), extra_data: { extra_pnginfo: { workflow: workflow(node('Bar')) } } },
      'a workflow',
    ],
    ['both formats in one file', { workflow: workflow(node('Bar')), output: prompt('Foo') }, 'a workflow'],
  ])('%s', async (_, file, expected) => {
    const { kind, asked } = await imported(file);
    expect(kind).toBe(expected);
    expect(asked?.classes).toEqual(expected === 'a workflow' ? ['Bar'] : ['Foo']);
  });

  it('what is no JSON is refused, whatever it is full of', async () => {
    const text = `[NaN, "${String.raw`\"`.repeat(1_000_000)}`;
    expect(await refusalOf(text)).toMatch(/^source: line 1, column 8: /);
  });

  it('NaN and Infinity, as Python writes them', async () => {
    const { asked } = await imported(
      '{"1": {"class_type": "Foo", "inputs": {"a": NaN, "b": -Infinity, "c": "NaN"}, "is_changed": [NaN]}}',
    );
    expect(asked?.classes).toEqual(['Foo']);
  });
});
