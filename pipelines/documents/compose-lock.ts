import type { Interpreter } from '#engine';
import type { Pins } from '../../tasks/gather-pins.ts';
import type { ModelPin } from '../../tasks/model-pin.ts';
import { Lockfile } from './lockfile.ts';
import { type Platform, platformsOf, pythonOf } from './platforms.ts';
import { present } from './present.ts';
import { type Version, versionDigest } from './version.ts';

/** The lockfile that these answers make of a version. */
export function composeLock(version: Version, pins: Pins, interpreter: Interpreter): Lockfile {
  return Lockfile.parse(
    present({
      schema_version: 3,
      version_id: version.id,
      version_digest: versionDigest(version),
      core: { repo: version.core.repo, ...pins.core },
      nodes: version.nodes.map((node, index) => lockNode(node, pins.nodes[index]!)),
      python: {
        version: pythonOf(version, interpreter),
        platforms: platformsOf(version, interpreter).map((platform, index) =>
          lockPlatform(version, platform, pins.closures[index]!),
        ),
      },
      models: version.models.map((model, index) => lockModel(model, pins.models[index]!)),
      env: Object.keys(version.env).length > 0 ? version.env : undefined,
      options: version.options.offline || version.options.skip_models ? version.options : undefined,
    }),
  );
}

/** What is pure Python is for any machine, unless the version says for which it is. */
function lockPlatform({ python }: Version, platform: Platform, { asked, wheels }: Pins['closures'][number]): unknown {
  const isPure = wheels.every((wheel) => 'filename' in wheel && wheel.filename.endsWith('-none-any.whl'));
  const anywhere = isPure && python.platforms === undefined ? { platform: 'any' } : {};
  return present({ ...platform, ...anywhere, asked, wheels: [...wheels] });
}

function lockNode(
  node: Version['nodes'][number],
  { git, repo, release, snapshot, asks }: Pins['nodes'][number],
): unknown {
  const wishes = present({
    install_requirements: node.install_requirements ? undefined : false,
    run_install: node.run_install ? true : undefined,
  });
  switch (node.kind) {
    case 'git':
      return { kind: 'git', name: node.name, repo: node.repo, ...git, ...wishes };
    case 'registry':
      // Its sources are those of git; the id stays, so that it is still known as the registry's.
      if (git !== undefined)
        return { kind: 'git', name: node.name ?? asks.project ?? node.id, id: node.id, repo, ...git, ...wishes };
      return { kind: 'registry', name: node.name ?? asks.project ?? node.id, ...release, ...wishes };
    case 'local':
      return { kind: 'local', name: node.name, path: node.path, tree: snapshot?.source, ...wishes };
  }
}

/** The exact source first: the others may come to mean another file, and are then passed over. */
const lockModel = ({ root, path, sources }: Version['models'][number], { exact, ...pinned }: ModelPin): unknown => ({
  root,
  path,
  sources: [...new Set(exact === undefined ? sources : [exact, ...sources])],
  ...pinned,
});
