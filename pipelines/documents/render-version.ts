import type { VersionModel } from './models.ts';
import type { VersionNode } from './nodes.ts';
import { present } from './present.ts';
import type { Version } from './version.ts';

/**
 * A version as a document of generation 2, with what is not the default alone: read again, it is the same version.
 * `$schema` is for editors.
 */
export function renderVersion(
  version: Version,
  aside: { readonly $schema?: string } = {},
): Readonly<Record<string, unknown>> {
  const { id, description, target, core, nodes, models, python, env, options } = version;
  const { packages, extra_index_urls: urls, overrides, ...chosen } = python;
  const block = present({ ...chosen, extra_index_urls: listed(urls), overrides: listed(overrides) });
  return present({
    ...aside,
    schema_version: 2,
    version_id: id,
    description,
    target,
    comfy: core,
    custom_nodes: nodes.map(renderNode),
    models: models.map(renderModel),
    python: Object.keys(block).length > 0 ? block : undefined,
    python_packages: listed(packages),
    env: Object.keys(env).length > 0 ? env : undefined,
    options: options.offline || options.skip_models ? options : undefined,
  });
}

const listed = <T>(list: readonly T[]): readonly T[] | undefined => (list.length > 0 ? list : undefined);

function renderNode(node: VersionNode): unknown {
  const { kind: _kind, install_requirements: requirements, run_install: install, ...fields } = node;
  return present({
    ...fields,
    install_requirements: requirements ? undefined : false,
    run_install: install ? true : undefined,
  });
}

function renderModel({ root, path, sources, checksum, size }: VersionModel): unknown {
  return present({
    source: sources.length === 1 ? sources[0] : sources,
    target_path: `${root === 'models' ? '$MODELS_DIR' : '$COMFY_HOME'}/${path}`,
    checksum: checksum && `${checksum.algorithm}:${checksum.hex}`,
    size,
  });
}
