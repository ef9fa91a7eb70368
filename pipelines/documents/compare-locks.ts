import type { LockedWheel, Lockfile } from './lockfile.ts';

/** One thing in which two lockfiles differ. `was` and `now` are short, for people; `bytes` is the size of what is new, where the lockfile says. */
export interface Change {
  readonly change: 'added' | 'changed' | 'removed';
  readonly of: 'core' | 'python' | 'node' | 'wheel' | 'model' | 'env' | 'option';
  readonly name: string;
  readonly was?: string;
  readonly now?: string;
  readonly bytes?: number;
}

/**
 * Everything in which realizing one lockfile differs from realizing another: by kind, then by name. Who wants a wheel, and
 * from where a file of the same bytes is fetched, changes nothing.
 */
export function compareLocks(was: Lockfile, now: Lockfile): readonly Change[] {
  // Where either is for several platforms, a package is one on each of them.
  const named = [was, now].some(({ python }) => python.platforms.length > 1);
  const both = (of: Change['of'], pins: (lock: Lockfile) => readonly Pin[]): readonly Change[] =>
    comparePins(of, pins(was), pins(now));
  return [
    ...both('core', ({ core }) => [pinOfCommit('ComfyUI', core)]),
    ...both('python', ({ python: { version } }) => [{ name: 'version', told: version, identity: version }]),
    ...both('node', ({ nodes }) => nodes.map(pinOfNode)),
    ...both('wheel', ({ python }) =>
      python.platforms.flatMap(({ platform, torch, wheels }) => {
        const where = named ? ` (${[platform, torch].filter(Boolean).join(', ')})` : '';
        return wheels.map((wheel) => pinOfWheel(wheel, where));
      }),
    ),
    ...both('model', ({ models }) => models.map(pinOfModel)),
    ...both('env', ({ env = {} }) => settings(env)),
    ...both('option', ({ options = {} }) => settings(options)),
  ];
}

/** One entry of a lockfile. `identity` decides whether it is the same, `told` is what people call it, `detail` tells apart what they call the same. */
interface Pin {
  readonly name: string;
  readonly told: string;
  readonly identity: string;
  readonly detail?: string;
  readonly bytes?: number;
}

function comparePins(of: Change['of'], was: readonly Pin[], now: readonly Pin[]): readonly Change[] {
  const [before, after] = [byKey(was), byKey(now)];
  const keys = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return keys.flatMap((key): readonly Change[] => {
    const [old, fresh] = [before.get(key), after.get(key)];
    if (fresh === undefined) return [{ change: 'removed', of, name: old!.name, was: old!.told }];
    const size = fresh.bytes === undefined ? {} : { bytes: fresh.bytes };
    if (old === undefined) return [{ change: 'added', of, name: fresh.name, now: fresh.told, ...size }];
    if (old.identity === fresh.identity) return [];
    const tell = ({ told, detail }: Pin): string =>
      old.told === fresh.told && detail !== undefined ? `${told} (${detail})` : told;
    return [{ change: 'changed', of, name: fresh.name, was: tell(old), now: tell(fresh), ...size }];
  });
}

/** Names of packages and directories are compared as pip and file systems may: whatever the case, `-` or `_`. */
const byKey = (pins: readonly Pin[]): ReadonlyMap<string, Pin> =>
  new Map(pins.map((pin) => [pin.name.toLowerCase().replaceAll(/[-_.]+/g, '-'), pin]));

const short = (digest: string): string => digest.replace(/^tree:/, '').slice(0, 7);

const pinOfCommit = (name: string, { repo, commit, ref }: Lockfile['core']): Pin => ({
  name,
  told: ref === undefined ? short(commit) : `${short(commit)} (${ref.replace(/^refs\/(?:heads|tags)\//, '')})`,
  identity: JSON.stringify([repo, commit, ref]),
  detail: repo,
});

function pinOfNode(node: Lockfile['nodes'][number]): Pin {
  const { name } = node;
  switch (node.kind) {
    case 'git':
      return pinOfCommit(name, node);
    case 'registry': {
      const { version, sha256, size: bytes } = node;
      return { name, told: version, identity: JSON.stringify([version, sha256]), detail: short(sha256), bytes };
    }
    case 'local':
      return { name, told: `local ${short(node.tree)}`, identity: node.tree };
  }
}

/** A wheel is its file; one that is built is its source, and what building it takes. */
function pinOfWheel(wheel: LockedWheel, where: string): Pin {
  const { name, version } = wheel;
  const pin = { name: `${name}${where}`, told: version };
  if (!('source' in wheel)) {
    const { filename, sha256, size } = wheel;
    const identity = JSON.stringify([version, filename, sha256]);
    return { ...pin, identity, detail: short(sha256), ...(size === undefined ? {} : { bytes: size }) };
  }
  const { source, build } = wheel;
  const made = 'commit' in source ? source.commit : source.sha256;
  const identity = JSON.stringify([version, made, source.subdirectory, build.map(({ sha256 }) => sha256)]);
  return { ...pin, identity, detail: `built from ${short(made)}` };
}

const pinOfModel = ({ root, path, sha256, size }: Lockfile['models'][number]): Pin => ({
  name: root === 'models' ? path : `${root}:${path}`,
  told: short(sha256),
  identity: sha256,
  bytes: size,
});

const settings = (record: Readonly<Record<string, unknown>>): readonly Pin[] =>
  Object.entries(record).map(([name, value]) => ({ name, told: String(value), identity: JSON.stringify(value) }));
