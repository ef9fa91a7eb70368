import { type Dirent, readdirSync } from 'node:fs';

import { layoutOf } from './layout.ts';
import { directoriesOf, joined } from './path.ts';
import { openReceipts } from './receipts.ts';

/** Something that Python or ComfyUI finds in a target, and that nobody locked: `pip install` and Manager leave such. */
export interface Stranger {
  readonly kind: 'package' | 'node';
  /** `foo 1.2.0`, or the directory of a node. */
  readonly name: string;
  /** Counted from the target. */
  readonly path: string;
}

/** What was installed into a target by others. Looks at two directories, reads nothing. */
export function strangersIn(target: string): readonly Stranger[] {
  const receipts = openReceipts(layoutOf(target));
  const ours = directoriesOf(
    receipts.slots().flatMap((slot) => {
      const receipt = receipts.receipt(slot);
      return [...(receipt?.listing.keys() ?? [])].map((path) => joined(receipt!.base, path));
    }),
  );
  const foreign = (kind: Stranger['kind'], directory: string, nameOf: (name: string) => string | undefined) =>
    directoriesIn(joined(target, directory)).flatMap((entry): readonly Stranger[] => {
      const [path, name] = [joined(directory, entry), nameOf(entry)];
      return name === undefined || ours.has(path) ? [] : [{ kind, name, path }];
    });
  const packages = [...ours].filter((path) => /^\.venv\/lib\/[^/]+\/site-packages$/.test(path));
  return [
    ...packages.flatMap((directory) => foreign('package', directory, packageIn)),
    ...foreign('node', 'custom_nodes', (name) => (isNode.test(name) ? name : undefined)),
  ];
}

/** What ComfyUI loads: nothing that is hidden or disabled. */
const isNode = /^(?!\.|__pycache__$)(?!.*\.disabled$)/;

/** `foo 1.2.0` of `foo-1.2.0.dist-info`. */
function packageIn(name: string): string | undefined {
  const [, distribution, version] = /^(.+)-([^-]+)\.dist-info$/.exec(name) ?? [];
  return distribution === undefined ? undefined : `${distribution} ${version}`;
}

function directoriesIn(directory: string): readonly string[] {
  try {
    const isDirectory = (entry: Dirent): boolean => entry.isDirectory() || entry.isSymbolicLink();
    return readdirSync(directory, { withFileTypes: true })
      .filter(isDirectory)
      .map(({ name }) => name)
      .toSorted();
  } catch {
    // Not there: then nothing is in it.
    return [];
  }
}
