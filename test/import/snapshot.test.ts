import { describe, expect, it } from 'vitest';

import { commit, imported, other, refusalOf } from './project.ts';

const kj = 'https://github.com/kijai/ComfyUI-KJNodes';
const canonical = 'https://github.com/comfyanonymous/ComfyUI';
const snapshot = {
  comfyui: commit,
  git_custom_nodes: { [kj]: { hash: other, disabled: false } },
  cnr_custom_nodes: { 'comfyui-impact-pack': '8.15.3' },
  file_custom_nodes: [],
  pips: { 'numpy==1.26.4': '' },
};
const assumed = `no repository is named, so ${canonical} is meant`;
const core = `guessed comfyui 3736581: at the commit of the snapshot; ${assumed}`;
const today = `guessed comfyui: today's, as nothing says which one; ${assumed}`;

const only = (fields: Readonly<Record<string, unknown>>) => ({ git_custom_nodes: {}, ...fields });

describe('a snapshot of ComfyUI-Manager', () => {
  it('becomes a version', async () => {
    const { kind, document, lines } = await imported(snapshot);
    expect(kind).toBe('a ComfyUI-Manager snapshot');
    expect(document).toEqual({
      schema_version: 2,
      version_id: 'made',
      comfy: { repo: canonical, commit },
      custom_nodes: [
        { name: 'ComfyUI-KJNodes', repo: kj, commit: other },
        { id: 'comfyui-impact-pack', version: '8.15.3' },
      ],
      models: [],
      python_packages: ['numpy==1.26.4'],
    });
    expect(lines).toEqual([
      core,
      'taken node ComfyUI-KJNodes 196954a: from git, at its commit',
      'taken node comfyui-impact-pack 8.15.3: from the registry',
      'taken package numpy==1.26.4: pinned',
    ]);
  });

  it('is the same as YAML, where all of it is nested', async () => {
    const yaml = [
      'custom_nodes:',
      `  comfyui: ${commit}`,
      '  cnr_custom_nodes: { comfyui-impact-pack: 8.15.3 }',
      '  file_custom_nodes: []',
      '  git_custom_nodes:',
      `    ${kj}:`,
      '      disabled: false',
      `      hash: ${other}`,
      "  pips: { numpy==1.26.4: '' }",
    ].join('\n');
    const { kind, document } = await imported(yaml);
    expect(kind).toBe('a ComfyUI-Manager snapshot');
    expect(document).toEqual((await imported(snapshot)).document);
  });

  it.each<readonly [string, Readonly<Record<string, unknown>>, readonly string[]]>([
    [
      'hashes that end in a newline',
      { comfyui: `${commit}\n`, git_custom_nodes: { [kj]: { hash: `${other}\n`, disabled: false } } },
      [core, 'taken node ComfyUI-KJNodes 196954a: from git, at its commit'],
    ],
    ['no ComfyUI', only({ comfyui: null }), [today]],
    ['no fields but one', { cnr_custom_nodes: {} }, [today]],
    ['null sections', only({ cnr_custom_nodes: null, file_custom_nodes: null, pips: null }), [today]],
    [
      'a disabled node, whatever its hash',
      { git_custom_nodes: { [kj]: { hash: 'unknown', disabled: true } } },
      [today, 'lost node ComfyUI-KJNodes: it is disabled, and a version holds what is active'],
    ],
    [
      'a URL with credentials',
      { git_custom_nodes: { 'https://me:secret@git.example/a/b.git': { hash: other } } },
      [today, 'taken node b 196954a: from git, at its commit'],
    ],
    [
      'a single file',
      only({ file_custom_nodes: [{ filename: 'x.py', disabled: false }] }),
      [today, 'lost file x.py: a node in a single file comes from nowhere'],
    ],
    [
      'one repository twice, under two spellings',
      { git_custom_nodes: { [kj]: { hash: other }, 'git@github.com:Kijai/ComfyUI-KJNodes.git': { hash: commit } } },
      [
        today,
        'taken node ComfyUI-KJNodes 196954a: from git, at its commit',
        'lost node ComfyUI-KJNodes 3736581: The directory custom_nodes/comfyui-kjnodes is taken by another one (source)',
      ],
    ],
    [
      'a URL that no version may have',
      { git_custom_nodes: { 'ext::sh -c date': { hash: other } } },
      [
        today,
        'lost node sh -c date 196954a: A git URL does not start with `-`, and has no spaces, `\\` or control characters',
      ],
    ],
    [
      'a release that is none',
      only({ cnr_custom_nodes: { x: '1.2.3.4' } }),
      [today, 'lost node x 1.2.3.4: Expected `latest`, `nightly` or a version such as 1.0.2'],
    ],
    [
      'an id with a path in it',
      only({ cnr_custom_nodes: { '../x': '1.2.3' } }),
      [
        today,
        'lost node ../x 1.2.3: Expected the id of a registry node: letters, digits, `.`, `_` or `-`, such as `comfyui-kjnodes`',
      ],
    ],
    ['another field', only({ models: [] }), [today, 'lost models: snapshots of ComfyUI-Manager have no such field']],
  ])('with %s', async (_, fields, expected) => {
    expect((await imported(fields)).lines).toEqual(expected);
  });

  it.each<readonly [string, Readonly<Record<string, string>>, readonly string[], unknown]>([
    [
      'pins',
      { 'numpy==1.26.4': '', 'PyYAML===6.0': '' },
      ['taken package numpy==1.26.4: pinned', 'taken package PyYAML==6.0: pinned'],
      ['numpy==1.26.4', 'PyYAML==6.0'],
    ],
    [
      'the URL of a wheel',
      { tint: 'https://files.example/tint-1.0-py3-none-any.whl' },
      ['taken package tint: from the URL it came from'],
      ['tint @ https://files.example/tint-1.0-py3-none-any.whl'],
    ],
    [
      'a repository',
      { tint: 'git+https://github.com/x/tint@abc' },
      ['taken package tint: from the URL it came from'],
      ['tint @ git+https://github.com/x/tint@abc'],
    ],
    [
      'a file of another machine',
      { tint: 'file:///home/me/tint-1.0-py3-none-any.whl' },
      ['lost package tint: it came from a file of that machine'],
      undefined,
    ],
    [
      'a URL with credentials',
      { tint: 'git+https://me:secret@github.com/x/tint@abc' },
      ['lost package tint: it holds credentials, which would be written down'],
      undefined,
    ],
    [
      'an editable install',
      { '-e git+https://github.com/x/tint#egg=tint': '' },
      ['lost package -e git+https://github.com/x/tint#egg=tint: it is no pinned package'],
      undefined,
    ],
    [
      'what torch brings',
      { 'nvidia-cublas-cu12==12.4.5.8': '', 'triton==3.0.0': '' },
      [
        'lost package nvidia-cublas-cu12==12.4.5.8: torch brings the one it needs',
        'lost package triton==3.0.0: torch brings the one it needs',
      ],
      undefined,
    ],
    [
      'what ComfyUI brings',
      { 'comfyui_frontend_package==1.28.8': '' },
      ['lost package comfyui_frontend_package==1.28.8: ComfyUI asks for the one it needs'],
      undefined,
    ],
    [
      'what is for Windows alone',
      { 'pywin32==306': '' },
      ['taken package pywin32==306: on Windows alone'],
      ['pywin32==306 ; sys_platform == "win32"'],
    ],
    [
      'a build of somebody else',
      { 'flash-attn==2.7.4+cu12torch2.6': '' },
      [
        "guessed package flash-attn==2.7.4+cu12torch2.6: as flash-attn==2.7.4: no index has the build cu12torch2.6 of somebody's machine",
      ],
      ['flash-attn==2.7.4'],
    ],
  ])('pips: %s', async (_, pips, expected, packages) => {
    const { lines, document } = await imported(only({ pips }));
    expect(lines.slice(1)).toEqual(expected);
    expect(document['python_packages']).toEqual(packages);
  });

  it('pips: the build of torch is chosen apart from its version', async () => {
    const { lines, document } = await imported(
      only({ pips: { 'torch==2.6.0+cu124': '', 'torchvision==0.21.0+cu124': '' } }),
    );
    expect(lines.slice(1)).toEqual([
      'taken package torch==2.6.0+cu124: as torch==2.6.0, the build is chosen apart',
      'taken package torchvision==0.21.0+cu124: as torchvision==0.21.0, the build is chosen apart',
      'taken torch cu124: the build of torch 2.6.0+cu124',
    ]);
    expect(document).toMatchObject({
      python: { torch: 'cu124' },
      python_packages: ['torch==2.6.0', 'torchvision==0.21.0'],
    });
  });

  const unknown = 'Manager did not know which one it was, so nobody does: write it here, or take the entry out';

  it.each<readonly [string, Readonly<Record<string, unknown>>, string]>([
    [
      'an unknown commit',
      { git_custom_nodes: { [kj]: { hash: 'unknown\n' } } },
      `git_custom_nodes.${kj}.hash: ${unknown}`,
    ],
    ['an unknown core', only({ comfyui: 'unknown' }), `comfyui: ${unknown}`],
    ['an unknown release', only({ cnr_custom_nodes: { x: 'unknown' } }), `cnr_custom_nodes.x: ${unknown}`],
    [
      'no commit',
      { git_custom_nodes: { [kj]: { hash: null } } },
      `git_custom_nodes.${kj}.hash: Expected a full commit: 40 lower-case hex characters`,
    ],
    [
      'half a commit',
      { git_custom_nodes: { [kj]: { hash: '196954a' } } },
      `git_custom_nodes.${kj}.hash: Expected a full commit: 40 lower-case hex characters`,
    ],
    ['a list for a mapping', { git_custom_nodes: [] }, 'git_custom_nodes: Expected an object'],
    ['a number for a release', only({ cnr_custom_nodes: { x: 1 } }), 'cnr_custom_nodes.x: Expected text'],
    [
      'credentials beside an unknown commit',
      { git_custom_nodes: { 'https://me:secret@git.example/a': { hash: 'unknown' } } },
      `git_custom_nodes.https://git.example/a.hash: ${unknown}`,
    ],
  ])('is refused with %s', async (_, fields, message) => {
    expect(await refusalOf(fields)).toBe(`source: ${message}`);
  });

  it('says everything that is wrong at once', async () => {
    const message = await refusalOf({ comfyui: 'unknown', git_custom_nodes: { [kj]: { hash: 'unknown' } } });
    expect(message.split('\n')).toEqual([
      'source: 2 problems',
      `  comfyui: ${unknown}`,
      `  git_custom_nodes.${kj}.hash: ${unknown}`,
    ]);
  });
});
