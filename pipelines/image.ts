import { sha256Of } from '#cache';
import { type Compression, definePipeline, type Interpreter, type Step } from '#engine';
import { composeImage } from '../tasks/compose-image.ts';
import { pushImage } from '../tasks/push-image.ts';
import { readBase } from '../tasks/read-base.ts';
import { saveImage } from '../tasks/save-image.ts';
import { writeLayer } from '../tasks/write-layer.ts';
import { writeVenv } from '../tasks/write-venv.ts';
import { type LockedWheel, type Lockfile, renderLockfile } from './documents/lockfile.ts';
import { present } from './documents/present.ts';
import { sbomOf } from './documents/sbom.ts';
import { ingredientsOf } from './ingredients.ts';

/** What an image is made of. Paths of this machine are absolute. */
export interface ImageFacts {
  readonly lock: Lockfile;
  /** The wheels for the image's platform. */
  readonly closure: readonly LockedWheel[];
  readonly interpreter: Interpreter;
  readonly installer: 'pipeline' | 'uv' | 'pip';
  /** As images call it: `amd64`, `arm64`. */
  readonly architecture: string;
  /** An OCI layout or an archive; without one the image has nothing but what the version says, and no Python. */
  readonly base?: string;
  /** Where the image's Python is. */
  readonly python?: string;
  /** Where ComfyUI will be in the image, an absolute path. */
  readonly directory: string;
  /** The number of the user (and group) that it belongs to and runs as. */
  readonly owner: number;
  readonly withModels: boolean;
  readonly compression: Compression;
  /** When the image says it was made, ISO 8601. */
  readonly created: string;
  readonly to: { readonly directory: string } | { readonly file: string } | { readonly registry: string };
  readonly tag: string;
}

type LayerParts = Exclude<Parameters<typeof writeLayer>[0], Step>['parts'];

/** The port that ComfyUI listens on. */
const port = 8188;

/** Everybody's torch is large and seldom changes; the rest is dealt out so that a package always has the same place. */
const torchFamily = /^(?:torch|torchvision|torchaudio|torchcodec|triton|pytorch-triton.*|nvidia-.*|cuda-.*)$/;
const groups = 4;

/** More layers than this are more than some programs take, with those of a base and our own few. */
const mostNodeLayers = 64;

/** Writes a version as a container image: one layer for each part of it, so that what did not change is not sent again. */
export const image = definePipeline({
  name: 'image',
  summary: 'Write a version as a container image, one layer for each part of it',

  read: (facts: ImageFacts) => facts,

  plan(facts) {
    const { lock, closure, interpreter, architecture, directory, owner, created } = facts;
    const made = ingredientsOf(facts);
    const base = facts.base === undefined ? undefined : readBase({ from: facts.base, architecture });
    const root = directory.replace(/^\//, '');
    const layer = (about: string, parts: LayerParts, compression = facts.compression) =>
      writeLayer({ about, parts, directory: root, owner, compression });
    const venv = writeVenv(present({ interpreter, python: facts.python, base }));
    const wheels = closure.map((wheel, n) => ({ name: wheel.name, group: groupOf(wheel.name), made: made.wheels[n]! }));
    const packages = [...new Set(wheels.map(({ group }) => group))].toSorted().map((group) =>
      layer(
        group,
        wheels.filter((wheel) => wheel.group === group).map((wheel) => ({ of: wheel.made, at: `${root}/.venv` })),
      ),
    );
    const nodes = bundled(made.nodes, mostNodeLayers).map((some) =>
      layer(
        some.map(({ node }) => node.name).join(', '),
        some.map(({ node, fetched }) => ({ of: fetched, at: `${root}/custom_nodes/${node.name}` })),
      ),
    );
    const models = (facts.withModels ? made.models : []).map(({ model, file }) =>
      layer(model.path, [{ of: file, at: `${root}/${model.root === 'models' ? 'models/' : ''}${model.path}` }], 'none'),
    );
    const sbom = sbomOf(lock, { closure, withModels: facts.withModels });
    const sbomAt = `${root}/.pipeline/sbom.cdx.json`;
    const text = renderLockfile(lock);
    const papers = layer('lockfile and SBOM', [
      { text, at: `${root}/.pipeline/lock.json` },
      { text: sbom, at: sbomAt },
      ...['input', 'output', 'temp', 'user'].map((name) => ({ directory: `${root}/${name}` })),
    ]);
    const bin = `${directory}/.venv/bin`;
    const composed = composeImage(
      present({
        base,
        layers: [
          ...models,
          layer('virtual environment', [{ of: venv, at: `${root}/.venv` }]),
          ...packages,
          layer('ComfyUI', [{ of: made.core, at: root }]),
          ...nodes,
          papers,
        ],
        architecture,
        created,
        directory,
        owner,
        env: { ...plainEnv(lock), HOME: `${directory}/user`, VIRTUAL_ENV: `${directory}/.venv` },
        path: bin,
        entrypoint: [`${bin}/python`, 'main.py'],
        command: ['--listen', '0.0.0.0', '--port', String(port)],
        port,
        healthcheck: [`${bin}/python`, '-c', askForStats],
        labels: {
          'org.opencontainers.image.title': lock.version_id,
          'io.comfy-pipeline.version': lock.version_id,
          'io.comfy-pipeline.lock': `sha256:${sha256Of(text)}`,
          'io.comfy-pipeline.sbom': `/${sbomAt}`,
          'io.comfy-pipeline.sbom-digest': `sha256:${sha256Of(sbom)}`,
        },
      }),
    );
    const { to, tag } = facts;
    return 'registry' in to ? pushImage({ image: composed, to: to.registry }) : saveImage({ image: composed, to, tag });
  },
});

/** The group of packages that one belongs to, whatever else is installed. */
const groupOf = (name: string): string =>
  torchFamily.test(name.toLowerCase())
    ? 'torch and what it brings'
    : `packages, part ${1 + (Number.parseInt(sha256Of(name.toLowerCase()).slice(0, 8), 16) % groups)} of ${groups}`;

/** Each of its own while there are at most as many as allowed; then dealt out, again each to the same place. */
function bundled<T extends { readonly node: { readonly name: string } }>(nodes: readonly T[], most: number) {
  const sorted = nodes.toSorted((a, b) => (a.node.name < b.node.name ? -1 : 1));
  if (sorted.length <= most) return sorted.map((node) => [node]);
  const places = Map.groupBy(sorted, ({ node }) => Number.parseInt(sha256Of(node.name).slice(0, 8), 16) % most);
  return [...places].toSorted(([a], [b]) => a - b).map(([, some]) => some);
}

/** The variables that mean the same everywhere. What a caller has to fill in may be a secret, and is given to the container. */
const plainEnv = ({ env = {} }: Lockfile): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => !value.includes('${')));

/** Exits with 0 when the server answers. */
const askForStats = [
  'import sys, urllib.request',
  `sys.exit(urllib.request.urlopen("http://127.0.0.1:${port}/system_stats", timeout=8).status != 200)`,
].join('; ');
