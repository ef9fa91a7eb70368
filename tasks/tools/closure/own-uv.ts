import { chmodSync, existsSync, mkdirSync, mkdtempDisposableSync, renameSync } from 'node:fs';
import { join } from 'node:path';

import { type Archive, Failed, type Http } from '#engine';

import { fileDigest } from '../python/file-digest.ts';
import type { Catalogue } from './catalogue.ts';
import { partsOf } from './target.ts';

const version = '0.13.8';

/** The wheels of uv as they were published, by platform, each with the SHA-256 of itself and of the program in it. */
const published: Readonly<Record<string, { readonly tag: string; readonly wheel: string; readonly program: string }>> =
  {
    'linux-x86_64': {
      tag: 'musllinux_1_1_x86_64',
      wheel: '29451c60f5e8b07403e0a175d5229efc36b0289b34143ff4aaa499a5dd52553a',
      program: 'a880db7f5f6745b5ec80aa6ccafdce06ddab1434013b55c62bb2fded1e2f9cb5',
    },
    'linux-aarch64': {
      tag: 'manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64',
      wheel: '0b3e8b1a4f5e405e31e2ff33de8af4744831e9f7338539671efbd8c3c94e791d',
      program: '5aa4427bd923cfdca2d56a3577f60d8fa7825aa3b496fef975dfd6f03db57d28',
    },
    'macosx-x86_64': {
      tag: 'macosx_10_12_x86_64',
      wheel: 'b7124ca1956ec2e476a1003ea5715a15f0266afaec37f4dc9c6972ba8183e6d1',
      program: 'afdbf4b93ab474668f8ad99da2fb7fb6562c020a4bbd860e9b1909181498b1b6',
    },
    'macosx-arm64': {
      tag: 'macosx_11_0_arm64',
      wheel: '62b6943c7fd64fac6854f780bea6e0359e5a5bc3241f83ee357bb38276afac49',
      program: 'f98066c132dc37b83a8861f9b538d732b5aad41d3b3a69e47abf27cdaef842a9',
    },
  };

/** What fetching a program of our own takes. `directory` is where it stays. */
export interface Fetching {
  readonly catalogue: Catalogue;
  readonly http: Pick<Http, 'download'>;
  readonly archive: Archive;
  readonly directory: string;
}

/**
 * The uv that this release was tested with: the one in `directory`, checked, or else from the index, where that has it.
 * Every byte is one that is named above. Nothing where there is none for the platform, or the index knows none.
 */
export async function ownUv(
  platform: string,
  { catalogue, http, archive, directory }: Fetching,
): Promise<string | undefined> {
  const { system, machine } = partsOf(platform);
  const known = published[`${system}-${machine}`];
  if (known === undefined) return undefined;
  const program = join(directory, `uv-${version}`);
  if (existsSync(program) && (await fileDigest(program)).digest === known.program) return program;
  const filename = `uv-${version}-py3-none-${known.tag}.whl`;
  const listed = (await catalogue.files('uv')).find((file) => file.filename === filename);
  if (listed === undefined) return undefined;
  mkdirSync(directory, { recursive: true });
  using temporary = mkdtempDisposableSync(join(directory, '.uv-'));
  const [wheel, unpacked] = [join(temporary.path, filename), join(temporary.path, 'unpacked')];
  await http.download({ from: [listed.reach], to: wheel, sha256: known.wheel });
  await archive.unpack({ file: wheel, into: unpacked, kind: 'wheel' });
  const fresh = join(unpacked, `uv-${version}.data/scripts/uv`);
  const { digest } = await fileDigest(fresh);
  if (digest !== known.program)
    throw new Failed({ kind: 'integrity', what: 'uv', expected: known.program, actual: digest });
  chmodSync(fresh, 0o755);
  renameSync(fresh, program);
  return program;
}
