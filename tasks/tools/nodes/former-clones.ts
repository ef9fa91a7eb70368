import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where earlier tools kept a clone for each commit of a pack, by the usual names: a volume may be mounted elsewhere by now. */
const usual = /\/(?:runpod-comfy|\.comfy-cache)\/custom_nodes$/;

/**
 * Says of a path whether it is a clone that an earlier tool kept in its cache, for links in every target. `cache` is the one
 * that is used now; variables of that tool may name others.
 */
export function formerClones(cache: string, environment: Environment): (path: string) => boolean {
  const { COMFY_CACHE_NODES, COMFY_NODES_CACHE, RUNPOD_COMFY_CACHE, COMFY_CACHE } = environment;
  const caches = [cache, RUNPOD_COMFY_CACHE, COMFY_CACHE].flatMap((root) => root || []);
  const named = [COMFY_CACHE_NODES, COMFY_NODES_CACHE].flatMap((directory) => directory || []);
  const rooms = [...caches.map((root) => join(root, 'custom_nodes')), ...named];
  return (path) => {
    const room = dirname(path);
    return usual.test(room) || rooms.some((one) => one === room || realPathOf(one) === realPathOf(room));
  };
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
