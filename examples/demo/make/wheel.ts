import { hash } from 'node:crypto';

import { below, type Files, namesBelow } from './shipped.ts';
import { storedZip } from './stored-zip.ts';

/** Every wheel by its file name, from directories that are called like them and hold what they install. */
export const wheelsOf = (shipped: Files): ReadonlyMap<string, Buffer> =>
  new Map(namesBelow(shipped, 'wheels/').map((name) => [`${name}.whl`, wheelOf(below(shipped, `wheels/${name}/`))]));

/** A wheel from the files it holds: adds RECORD, the list of them all with their hashes. */
function wheelOf(files: Files): Buffer {
  const metadata = [...files.keys()].find((path) => path.endsWith('.dist-info/METADATA'));
  if (metadata === undefined) throw new Error('A wheel needs a METADATA file');
  const record = metadata.replace(/METADATA$/, 'RECORD');
  const lines = [...files].map(
    ([path, bytes]) => `${path},sha256=${hash('sha256', bytes, 'base64url')},${bytes.length}`,
  );
  return storedZip(new Map([...files, [record, Buffer.from([...lines, `${record},,`, ''].join('\n'))]]));
}
