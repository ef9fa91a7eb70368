import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { readInstallation } from '../../pipelines/import/installation.ts';
import { type Files, readComfy, site, venv, wheelOf } from './comfy.ts';
import { composed, directoryOf } from './project.ts';

describe('what is installed in a ComfyUI directory', () => {
  it.each<readonly [string, Files, readonly string[], readonly string[]]>([
    [
      'pip freeze leaves its own tools out',
      {
        ...wheelOf(site, 'pip', '24.0'),
        ...wheelOf(site, 'setuptools', '65.5.0'),
        ...wheelOf(site, 'wheel', '0.43.0'),
      },
      [],
      [],
    ],
    [
      'a name in its own spelling',
      wheelOf(site, 'PyYAML', '6.0.2'),
      ['taken package PyYAML==6.0.2: pinned'],
      ['PyYAML==6.0.2'],
    ],
    [
      'a broken METADATA',
      { [`${site}/numpy-1.26.4.dist-info/METADATA`]: 'nonsense' },
      ['taken package numpy==1.26.4: pinned'],
      ['numpy==1.26.4'],
    ],
    [
      'an .egg-info',
      { [`${site}/old-1.0-py3.11.egg-info/PKG-INFO`]: 'Name: old\nVersion: 1.0\n' },
      ['taken package old==1.0: pinned'],
      ['old==1.0'],
    ],
    [
      'an installed repository',
      {
        ...wheelOf(site, 'tint', '1.0'),
        [`${site}/tint-1.0.dist-info/direct_url.json`]:
          '{"url": "https://github.com/x/tint", "vcs_info": {"vcs": "git", "commit_id": "abc"}}',
      },
      ['taken package tint: from the URL it came from'],
      ['tint @ git+https://github.com/x/tint@abc'],
    ],
    [
      'an installed wheel',
      {
        ...wheelOf(site, 'tint', '1.0'),
        [`${site}/tint-1.0.dist-info/direct_url.json`]:
          '{"url": "https://files.example/tint-1.0-py3-none-any.whl", "archive_info": {}}',
      },
      ['taken package tint: from the URL it came from'],
      ['tint @ https://files.example/tint-1.0-py3-none-any.whl'],
    ],
  ])('packages: %s', async (_, files, expected, packages) => {
    const { document, lines } = await readComfy({ ...venv, ...files });
    expect(lines.filter((line) => line.includes(' package '))).toEqual(expected);
    expect(document['python_packages'] ?? []).toEqual(packages);
  });

  it('models: links are followed, never in circles; what is no model is said, what is nobody’s is not', async () => {
    const { document, lines } = await readComfy(
      {
        'models/vae/a.safetensors': 'a',
        'models/vae/.hidden.safetensors': '',
        'models/vae/b.safetensors.part': '',
        'models/vae/preview.png': '',
        'models/configs/v1.yaml': '',
        'shared/c.safetensors': 'c',
      },
      {
        prepare(comfy) {
          symlinkSync('../shared', join(comfy, 'models/loras'));
          symlinkSync('..', join(comfy, 'models/vae/circle'));
          symlinkSync('gone', join(comfy, 'models/vae/broken.safetensors'));
        },
      },
    );
    expect(document['models']).toMatchObject([
      { target_path: '$MODELS_DIR/loras/c.safetensors', source: './comfy/shared/c.safetensors' },
      { target_path: '$MODELS_DIR/vae/a.safetensors', source: './comfy/models/vae/a.safetensors' },
    ]);
    expect(lines).toContain('lost model vae/preview.png: it is not of a kind that models are');
    expect(lines.filter((line) => line.includes(' model '))).toHaveLength(3);
  });

  it('models are listed by size alone when they are not to be read', async () => {
    const root = directoryOf({ 'comfy/main.py': '', 'comfy/custom_nodes/x.txt': '', 'comfy/models/vae/x.ckpt': 'xyz' });
    const { document, lines } = composed(await readInstallation({ directory: join(root, 'comfy'), root }), { root });
    expect(document['models']).toEqual([
      { source: './comfy/models/vae/x.ckpt', target_path: '$MODELS_DIR/vae/x.ckpt', size: 3 },
    ]);
    expect(lines).toContain(
      'guessed model vae/x.ckpt: its only known source is this file: add a URL for other machines',
    );
  });

  it('may be a directory beside its environment, as the first tools laid it out', async () => {
    const root = directoryOf({ 'target/ComfyUI/main.py': '', 'target/.venv/pyvenv.cfg': 'version_info = 3.12.1\n' });
    mkdirSync(join(root, 'target/ComfyUI/custom_nodes'));
    const { document } = composed(await readInstallation({ directory: join(root, 'target'), root }), { root });
    expect(document).toMatchObject({ python: { version: '3.12' } });
  });
});
