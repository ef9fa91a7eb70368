import { mkdirSync, openSync, closeSync, readFileSync, renameSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { randomBytes } from 'node:crypto';

import { Failed, type Failure } from '#engine';
import { openBucket } from '../../tasks/tools/gcs/bucket.ts';
import { RelativePath } from '../../tasks/vocabulary.ts';
import type { Around } from './around.ts';
import type { FlagsOf } from './verbs.ts';

/** Something that a workflow made, as a file of this machine that goes when it has been delivered. */
export interface Made {
  readonly node: string;
  readonly name: string;
  /** Below the server's directory; empty when it is in it. */
  readonly subfolder: string;
  /** `output`, or `temp` when it was only shown. */
  readonly folder: string;
  /** `image/png` */
  readonly type: string;
  /** In bytes. */
  readonly size: number;
  readonly path: string;
}

/** Told of an attempt that comes after a failed one: its number, why, and after how many milliseconds. */
export type Retried = (attempt: number, failure: Failure, waitMs: number) => void;

/** Where results go: what is told of each thing that was made. */
export interface Delivery {
  /** A directory on the volume where results go, for files on their way. */
  readonly near?: string;
  /** Hands over what one workflow made. Throws Failed (disk, refused, network, ...). */
  deliver(made: readonly Made[], onRetry: Retried): Promise<readonly object[]>;
}

type Flags = FlagsOf<'run-handler'>;

/** Chooses where results go, as the flags say. Throws Failed (usage, document) before anything runs. */
export function chooseDelivery(around: Around, flags: Flags): Delivery {
  const implied = flags['out-dir'] !== undefined ? 'files' : flags['gcs-bucket'] !== undefined ? 'gcs' : 'base64';
  const output = flags.output ?? implied;
  for (const [flag, wanted] of [
    ['out-dir', 'files'],
    ['gcs-bucket', 'gcs'],
    ['gcs-prefix', 'gcs'],
    ['gcs-signed-url', 'gcs'],
  ] as const)
    if (flags[flag] !== undefined && output !== wanted)
      throw new Failed({
        kind: 'usage',
        problem: `--${flag} is for --output ${wanted}`,
        hint: `this is --output ${output}`,
      });
  switch (output) {
    case 'base64':
      return { deliver: async (made) => asBase64(made) };
    case 'files': {
      const near = resolve(around.cwd, flags['out-dir'] ?? '.');
      return { near, deliver: async (made) => made.map((one) => ({ ...tellOf(one), path: placeFile(one, near) })) };
    }
    case 'gcs':
      return toBucket(around, flags);
  }
}

const tellOf = ({ node, name, folder, type, size }: Made) => ({ node, name, folder, type, size });

/** Bytes that one document may hold: more makes a text that is longer than the runtime can have. */
const mostBytes = 256_000_000;

function asBase64(made: readonly Made[]): readonly object[] {
  const size = made.reduce((sum, one) => sum + one.size, 0);
  if (size > mostBytes)
    throw new Failed({
      kind: 'refused',
      what: `${size} bytes in one document`,
      because: `more than ${mostBytes} do not fit`,
      hint: 'use --output files, or --output gcs',
    });
  return made.map((one) => ({ ...tellOf(one), data: readFileSync(one.path).toString('base64') }));
}

/** Moves a file below `directory`, under its own name or, where that is taken, under the next free one. */
function placeFile(made: Made, directory: string): string {
  const path = join(directory, pathOf(made));
  const [type, stem] = [extname(path), path.slice(0, path.length - extname(path).length)];
  mkdirSync(dirname(path), { recursive: true });
  for (let number = 1; ; number++) {
    const place = number === 1 ? path : `${stem}-${number}${type}`;
    try {
      // Nothing that is there is written over but this, which is empty and ours.
      closeSync(openSync(place, 'wx'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw error;
    }
    renameSync(made.path, place);
    return place;
  }
}

/** Where it was in the server's directory. A server that runs foreign nodes may say anything. */
function pathOf({ subfolder, name }: Made): string {
  const path = RelativePath.safeParse([subfolder, name].filter(Boolean).join('/'));
  if (path.success) return path.data;
  throw new Failed({ kind: 'refused', what: JSON.stringify(name), because: 'it is no name for a file' });
}

function toBucket({ environment, signal }: Around, flags: Flags): Delivery {
  const bucket = flags['gcs-bucket'] ?? environment['GCS_BUCKET'];
  if (!bucket || !/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(bucket))
    throw new Failed({
      kind: 'usage',
      problem: bucket ? `${bucket} is no name of a bucket` : 'Which bucket?',
      hint: 'write --gcs-bucket NAME, or set GCS_BUCKET',
    });
  const prefix = (flags['gcs-prefix'] ?? environment['GCS_PREFIX'] ?? 'comfy/outputs').replaceAll(/^\/+|\/+$/g, '');
  const seconds = flags['gcs-signed-url'];
  let tell: Retried | undefined;
  // The caller's environment, not the version's: a version that somebody else wrote must not see where the token goes.
  const open = openBucket({ bucket, environment, signal, onRetry: (...told) => tell?.(...told) });
  return {
    async deliver(made, onRetry) {
      tell = onRetry;
      const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
      const folder = [prefix, `${time}-${randomBytes(4).toString('hex')}`].filter(Boolean).join('/');
      const told: object[] = [];
      for (const one of made) {
        const name = `${folder}/${pathOf(one)}`;
        const stored = await open.store({ name, path: one.path, size: one.size, type: one.type });
        const signed = seconds === undefined ? {} : { signed_url: await open.sign(name, seconds) };
        told.push({ ...tellOf(one), ...stored, ...signed });
      }
      return told;
    },
  };
}
