import { below, type Files, sorted } from './shipped.ts';

/** One version of a pack, as it was published. */
export interface Release {
  readonly version: string;
  /** When it was published, in seconds since 1970, UTC. */
  readonly at: number;
  /** What changed, in one sentence. */
  readonly summary: string;
  readonly files: Files;
}

/** Something with a history of two versions: the core, a node. */
export interface Pack {
  readonly name: string;
  /** Where its files are now, below the demo's directory. `earlier/<name>/` holds those that were different in 1.0.0. */
  readonly from: string;
  readonly published: 'git' | 'registry';
  readonly news: string;
  /** Files that 1.0.0 did not have. */
  readonly added?: readonly string[];
}

/** Everything of the demo that has versions. */
export const packs: readonly Pack[] = [
  { name: 'comfy-core', from: 'core', published: 'git', news: 'Say which version this is' },
  { name: 'comfyui-demo-gradient', from: 'nodes/comfyui-demo-gradient', published: 'git', news: 'Add shapes' },
  { name: 'comfyui-demo-noise', from: 'nodes/comfyui-demo-noise', published: 'git', news: 'Make the noise smooth' },
  {
    name: 'demo-palette',
    from: 'nodes/demo-palette',
    published: 'registry',
    news: 'Add textures and a swatch',
    added: ['apply.py', 'swatch.py'],
  },
];

const start = Date.UTC(2025, 0, 6, 9) / 1000;
const week = 7 * 24 * 3600;

/** The versions of a pack, oldest first. */
export function releasesOf(pack: Pack, shipped: Files): readonly Release[] {
  const now = below(shipped, `${pack.from}/`);
  const kept = [...now].filter(([path]) => !pack.added?.includes(path));
  const first = sorted(new Map([...kept, ...below(shipped, `earlier/${pack.name}/`)]));
  return [
    { version: '1.0.0', at: start, summary: 'First version', files: first },
    { version: '1.1.0', at: start + week, summary: pack.news, files: now },
  ];
}
