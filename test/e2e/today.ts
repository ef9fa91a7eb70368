import { type Bench, openBench } from './rig.ts';
import { openWorld, type World } from './world.ts';

/** A version that names nothing exactly, and everything that must be asked today to pin it. */
export interface Today extends AsyncDisposable {
  readonly world: World;
  /** A bench of its own cache with the version `full` in its project, without a lockfile. */
  bench(): Bench;
}

const html = (links: readonly string[]): string => `<!DOCTYPE html><html><body>${links.join('\n')}</body></html>`;

/** Serves repositories with branches, a registry and a package index. */
export async function openToday(): Promise<Today> {
  const world = await openWorld();
  const { files, git } = world;
  const core = { 'main.py': 'print("core")\n', 'requirements.txt': 'tint>=1\n' };
  await world.commit('core', core);
  await world.commit('alpha', { '__init__.py': 'ALPHA = 1\n', 'requirements.txt': 'shade\n' });
  await world.commit('beta', { '__init__.py': 'BETA = 1\n' });
  const pack = world.pack('Gamma', '1.0.0', {
    '__init__.py': 'GAMMA = 1\n',
    'pyproject.toml': '[project]\nname = "Gamma"\nversion = "1.0.0"\n',
  });
  const release = { version: '1.0.0', node_id: 'gamma', downloadUrl: pack['url'], status: 'NodeVersionStatusActive' };
  files.serve('/registry/nodes/gamma/versions', JSON.stringify([release]), { type: 'application/json' });
  for (const spec of [{ name: 'tint', requires: ['shade'] }, { name: 'shade' }]) {
    const wheel = world.wheel({ ...spec, files: { [`${spec.name}.py`]: '' } });
    const link = `<a href="${String(wheel['url'])}#sha256=${String(wheel['sha256'])}">${String(wheel['filename'])}</a>`;
    files.serve(`/simple/${spec.name}/`, html([link]), { type: 'text/html' });
  }
  const model = world.model('vae/x.safetensors', 'a model');
  const version = {
    schema_version: 2,
    version_id: 'full',
    comfy: { repo: git.url('core'), ref: 'main' },
    custom_nodes: [
      { name: 'beta', repo: git.url('beta') },
      { name: 'alpha', repo: git.url('alpha'), ref: 'main' },
      { id: 'gamma', version: 'latest' },
      { path: './nodes/own' },
    ],
    models: [{ source: (model['sources'] as readonly string[])[0], target_path: '$MODELS_DIR/vae/x.safetensors' }],
    python: { version: '3', index_url: `${files.origin}/simple/` },
    env: { COMFY_REGISTRY_URL: `${files.origin}/registry` },
  };
  return {
    world,
    bench() {
      const bench = openBench();
      bench.write({ 'versions/full.json': version, 'nodes/own/__init__.py': 'OWN = 1\n' });
      return bench;
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}
