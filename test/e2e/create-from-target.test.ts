import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { readVersion } from '../../pipelines/documents/version.ts';
import { small } from './small.ts';

const on = small();

it('what was realized is read back: the same core, nodes, packages and models', async () => {
  await on.realize();
  const asked = on.world.asked();
  const { exitCode, stdout } = await on.bench.pipeline(['create', 'again', '--from', on.bench.target, '--json']);
  expect(exitCode).toBe(0);
  expect(on.world.asked()).toBe(asked);
  const { version, warnings } = readVersion({ root: on.bench.project, id: 'again' });
  expect(warnings).toEqual([]);
  const { core, models } = on.pins;
  const [alpha, beta] = [on.node('alpha'), on.node('beta')];
  expect(version).toMatchObject({
    core: { repo: core['repo'], commit: core['commit'] },
    nodes: [
      { kind: 'registry', id: 'gamma', version: '1.0.0', name: 'Gamma' },
      { kind: 'git', name: 'alpha', repo: alpha['repo'], commit: alpha['commit'], ref: 'main' },
      { kind: 'git', name: 'beta', repo: beta['repo'], commit: beta['commit'], ref: 'main' },
    ],
    python: { packages: ['shade==1.0', 'tint==1.0'] },
  });
  expect(version.models.map(({ path, checksum, size }) => [path, checksum?.hex, size])).toEqual(
    models.map((model) => [model['path'], model['sha256'], model['size']]),
  );
  const { report } = JSON.parse(stdout) as { report: readonly { readonly fate: string; readonly what: string }[] };
  expect(report.filter(({ fate }) => fate === 'lost').map(({ what }) => what)).toEqual([
    'extra_model_paths.yaml',
    'local changes',
  ]);
  expect(JSON.parse(readFileSync(join(on.bench.project, 'versions/again.json'), 'utf8'))).not.toHaveProperty('target');
});
