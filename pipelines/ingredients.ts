import type { Interpreter, Step } from '#engine';
import { buildWheel } from '../tasks/build-wheel.ts';
import { fetchCore } from '../tasks/fetch-core.ts';
import { fetchModel } from '../tasks/fetch-model.ts';
import { fetchNode } from '../tasks/fetch-node.ts';
import { fetchPack } from '../tasks/fetch-pack.ts';
import { fetchSource } from '../tasks/fetch-source.ts';
import { fetchWheel } from '../tasks/fetch-wheel.ts';
import { snapshotNode } from '../tasks/snapshot-node.ts';
import { unpackWheel } from '../tasks/unpack-wheel.ts';
import type { GitCommit, GitRef } from '../tasks/vocabulary.ts';
import type { LockedNode, LockedWheel, Lockfile } from './documents/lockfile.ts';
import { present } from './documents/present.ts';

/** What a lockfile comes to, before anybody puts it anywhere: the steps that a target and an image are both made of. */
export function ingredientsOf({
  lock,
  closure,
  interpreter,
  installer,
}: {
  readonly lock: Lockfile;
  /** The wheels for one platform. */
  readonly closure: readonly LockedWheel[];
  readonly interpreter: Interpreter;
  readonly installer: 'pipeline' | 'uv' | 'pip';
}) {
  const unpack = (wheel: FoundWheel) =>
    unpackWheel(present({ filename: wheel.filename, size: wheel.size, wheel: fetch(wheel), interpreter, installer }));
  const wheels = closure.map((wheel) =>
    'source' in wheel
      ? unpackWheel({
          filename: wheel.name,
          wheel: build(wheel, { closure, interpreter, unpack }),
          interpreter,
          installer,
        })
      : unpack(wheel),
  );
  return {
    core: fetchCore({ repo: lock.core.repo, pin: pinOf(lock.core) }),
    /** In the order of `closure`. */
    wheels,
    nodes: lock.nodes.map((node) => ({ node, fetched: fetched(node) })),
    models: lock.models.map((model) => ({ model, file: fetchModel(model) })),
  };
}

type FoundWheel = Omit<Exclude<LockedWheel, { source: unknown }>, 'wanted_by'>;
type BuiltWheel = Extract<LockedWheel, { source: unknown }>;

const fetch = ({ url, filename, sha256, size }: FoundWheel) =>
  fetchWheel(present({ filename, sha256, size, sources: [url] }));

/** A wheel built from its source. Only compiled code can be made for what is installed beside it. */
function build(
  { name, version, source, build: tools }: BuiltWheel,
  {
    closure,
    interpreter,
    unpack,
  }: {
    readonly closure: readonly LockedWheel[];
    readonly interpreter: Interpreter;
    readonly unpack: (wheel: FoundWheel) => ReturnType<typeof unpackWheel>;
  },
): ReturnType<typeof buildWheel> {
  const installed = new Set(closure.map((one) => one.name));
  const against = tools.filter((tool) => installed.has(tool.name) && !tool.filename.endsWith('-none-any.whl'));
  return buildWheel(
    present({
      name,
      version,
      fetched: fetchSource({ name, pinned: source }),
      subdirectory: source.subdirectory,
      tools: tools.map(unpack),
      against: against.map((tool) => ({ name: tool.name, version: tool.version })),
      interpreter,
    }),
  );
}

/** A node comes from git, from the registry's archive, or from a directory of this machine. */
function fetched(node: LockedNode): Step<{ source: string; version: string }> {
  switch (node.kind) {
    case 'git':
      return fetchNode({ name: node.name, repo: node.repo, pin: pinOf(node) });
    case 'registry':
      return fetchPack({ name: node.name, release: node });
    case 'local':
      return snapshotNode(node);
  }
}

const pinOf = ({ commit, ref }: { commit: GitCommit; ref?: GitRef }) => present({ commit, ref });
