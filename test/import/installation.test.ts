import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { readInstallation } from '../../pipelines/import/installation.ts';
import { changes, type Files, gitOf, packOf, readComfy, site, usual, venv, wheelOf } from './comfy.ts';
import { commit, directoryOf, other } from './project.ts';

describe('a ComfyUI directory', () => {
  it('becomes a version', async () => {
    const { document, lines } = await readComfy({
      ...gitOf('', 'https://github.com/me/ComfyUI.git'),
      ...gitOf(
        'custom_nodes/ComfyUI-KJNodes/',
        'https://me:secret@github.com/kijai/ComfyUI-KJNodes',
        'ref: refs/heads/main\n',
      ),
      'custom_nodes/ComfyUI-KJNodes/.git/refs/heads/main': `${other}\n`,
      ...packOf('custom_nodes/Impact', 'Impact', '8.15.3'),
      ...venv,
      ...wheelOf(site, 'numpy', '1.26.4'),
      'models/vae/x.safetensors': 'x',
      'models/vae/put_vae_here': '',
    });
    expect(document).toEqual({
      schema_version: 2,
      version_id: 'made',
      comfy: { repo: 'https://github.com/me/ComfyUI.git', commit },
      custom_nodes: [
        { name: 'ComfyUI-KJNodes', repo: 'https://github.com/kijai/ComfyUI-KJNodes', commit: other, ref: 'main' },
        { id: 'impact', version: '8.15.3' },
      ],
      models: [
        {
          source: './comfy/models/vae/x.safetensors',
          target_path: '$MODELS_DIR/vae/x.safetensors',
          checksum: `sha256:${hash('sha256', 'x')}`,
          size: 1,
        },
      ],
      python: { version: '3.11' },
      python_packages: ['numpy==1.26.4'],
    });
    expect(lines).toEqual([
      'taken comfyui 3736581: at the commit of its .git',
      'taken node ComfyUI-KJNodes 196954a: from git, at its commit',
      'taken node Impact 8.15.3: from the registry',
      'guessed model vae/x.safetensors: its only known source is this file, with its SHA-256: add a URL for other machines',
      'taken package numpy==1.26.4: pinned',
      'taken python 3.11: of 3.11.9',
      changes,
    ]);
  });

  it.each<readonly [string, Files, readonly string[], unknown]>([
    [
      'no .git, but a release',
      { 'comfyui_version.py': '# made by hand\n__version__ = "0.3.40"\n' },
      [
        'guessed comfyui v0.3.40: at the release that its files name, as no .git names a commit; no repository is named, so https://github.com/comfyanonymous/ComfyUI is meant',
      ],
      { comfy: { ref: 'v0.3.40' } },
    ],
    [
      'nothing that says which ComfyUI it is',
      {},
      [
        "guessed comfyui: today's, as nothing says which one; no repository is named, so https://github.com/comfyanonymous/ComfyUI is meant",
      ],
      { comfy: { repo: 'https://github.com/comfyanonymous/ComfyUI' } },
    ],
  ])('with %s', async (_, files, expected, document) => {
    const made = await readComfy(files);
    expect(made.lines).toEqual([...expected, ...usual]);
    expect(made.document).toMatchObject(document as object);
  });

  it.each<readonly [string, Files, readonly string[], readonly unknown[]]>([
    [
      'a renamed directory: other code may rely on it',
      packOf('custom_nodes/my-impact', 'Impact', '1.0.0'),
      ['taken node Impact 1.0.0: from the registry'],
      [{ name: 'my-impact', id: 'impact', version: '1.0.0' }],
    ],
    [
      'everything that is disabled',
      {
        ...packOf('custom_nodes/.disabled/impact@1_0_0', 'Impact', '1.0.0'),
        ...gitOf('custom_nodes/Foo.disabled/', 'https://github.com/o/Foo'),
        'custom_nodes/.disabled/Bar/x.py': '',
        'custom_nodes/single.py.disabled': '',
      },
      [
        'lost node Foo 3736581: custom_nodes/Foo.disabled is disabled, and a version holds what is active',
        'lost node Impact 1.0.0: custom_nodes/.disabled/impact@1_0_0 is disabled, and a version holds what is active',
        'lost node Bar: custom_nodes/.disabled/Bar is disabled, and a version holds what is active',
        'lost file single.py.disabled: a node in a single file comes from nowhere',
      ].toSorted(),
      [],
    ],
    [
      'a node without markers',
      { 'custom_nodes/mine/__init__.py': '' },
      ['lost node mine: it has neither a git remote nor the `.tracking` of a registry archive'],
      [],
    ],
    [
      'one pack twice',
      { ...packOf('custom_nodes/A', 'Impact', '1.0.0'), ...gitOf('custom_nodes/B/', 'https://github.com/O/impact') },
      ['taken node Impact 1.0.0: from the registry', 'lost node impact 3736581: custom_nodes/A is the same pack'],
      [{ name: 'A', id: 'impact', version: '1.0.0' }],
    ],
    [
      'a commit that cannot be read',
      gitOf('custom_nodes/Foo/', 'https://github.com/o/Foo', 'ref: refs/heads/dev\n'),
      ['guessed node Foo: from git, at dev: its commit cannot be read'],
      [{ name: 'Foo', repo: 'https://github.com/o/Foo', ref: 'dev' }],
    ],
    [
      'both kinds of markers',
      { ...packOf('custom_nodes/Foo', 'Foo', '1.0.0'), ...gitOf('custom_nodes/Foo/', 'https://github.com/o/Foo') },
      [
        'taken node Foo 3736581: from git, at its commit',
        'guessed custom_nodes/Foo: Its `.git` says what it is: remove `.tracking`, which says something else',
      ],
      [{ name: 'Foo', repo: 'https://github.com/o/Foo', commit }],
    ],
    [
      'what is no node',
      { 'custom_nodes/__pycache__/x.pyc': '', 'custom_nodes/.trash/x/__init__.py': '', 'custom_nodes/readme.txt': '' },
      [],
      [],
    ],
    [
      'a single file',
      { 'custom_nodes/single.py': '' },
      ['lost file single.py: a node in a single file comes from nowhere'],
      [],
    ],
    [
      'directories of models elsewhere',
      { 'extra_model_paths.yaml': '' },
      ['lost extra_model_paths.yaml: models in the directories it names are not read'],
      [],
    ],
  ])('with %s', async (_, files, expected, nodes) => {
    const { document, lines } = await readComfy({ ...gitOf('', 'https://github.com/me/ComfyUI'), ...files });
    const own = lines.filter((line) => !line.includes(' comfyui ') && !usual.includes(line));
    expect(own.toSorted()).toEqual(expected.toSorted());
    expect(document['custom_nodes']).toEqual(nodes);
  });

  it('without ComfyUI is refused', async () => {
    const directory = directoryOf({ 'main.py': '' });
    const work = readInstallation({ directory, root: directory });
    await expect(work).rejects.toThrow(`ComfyUI in ${directory} does not exist`);
  });
});
