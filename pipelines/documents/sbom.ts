import type { LockedNode, LockedWheel, Lockfile } from './lockfile.ts';
import { present } from './present.ts';

/** What a lockfile pins for one platform, as a CycloneDX 1.6 document: what tools that look for vulnerabilities and licences read. */
export function sbomOf(
  { version_id: id, core, nodes, models }: Lockfile,
  { closure, withModels }: { readonly closure: readonly LockedWheel[]; readonly withModels: boolean },
): string {
  const components = [
    { type: 'application', 'bom-ref': 'core', name: 'ComfyUI', version: core.commit, ...fromGit(core) },
    ...nodes.map(nodeComponent),
    ...closure.map(wheelComponent),
    ...(withModels ? models : []).map(({ path, sha256 }) => ({
      type: 'machine-learning-model',
      'bom-ref': `model:${path}`,
      name: path,
      hashes: [{ alg: 'SHA-256', content: sha256 }],
    })),
  ];
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', 'bom-ref': 'version', name: id } },
    components,
    dependencies: [{ ref: 'version', dependsOn: components.map((component) => component['bom-ref']) }],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function nodeComponent(node: LockedNode) {
  const about = { type: 'library', 'bom-ref': `node:${node.name}`, name: node.name, group: 'custom_nodes' };
  switch (node.kind) {
    case 'git':
      return { ...about, version: node.commit, ...fromGit(node) };
    case 'registry':
      return { ...about, version: node.version, hashes: [{ alg: 'SHA-256', content: node.sha256 }] };
    case 'local':
      return { ...about, version: node.tree };
  }
}

/** Names are written as the Python index compares them. */
function wheelComponent(wheel: LockedWheel) {
  const { name, version } = wheel;
  const purl = `pkg:pypi/${name.toLowerCase().replaceAll(/[-_.]+/g, '-')}@${encodeURIComponent(version)}`;
  const sha256 = 'source' in wheel ? ('sha256' in wheel.source ? wheel.source.sha256 : undefined) : wheel.sha256;
  return present({
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    purl,
    hashes: sha256 === undefined ? undefined : [{ alg: 'SHA-256', content: sha256 }],
  });
}

/** Where a checkout came from. A path of this machine says nothing to anybody else. */
const fromGit = ({ repo }: { readonly repo: string }) =>
  /^https?:\/\//.test(repo) ? { externalReferences: [{ type: 'vcs', url: repo }] } : {};
