import * as z from 'zod/mini';

import type { FilePin } from '#engine';

import type { Patience } from './exchange.ts';
import { fetchJson } from './fetch-json.ts';
import { sizeAt } from './head.ts';
import type { Claim, Located } from './source.ts';

const Text = z.nullish(z.string());

/** One file of a model version, as the API lists it. Fields that it leaves out are those nobody filled in. */
type ListedFile = z.infer<typeof ListedFile>;
const ListedFile = z.object({
  type: Text,
  sizeKB: z.nullish(z.number()),
  primary: z.nullish(z.boolean()),
  metadata: z.nullish(z.object({ format: Text, size: Text, fp: Text })),
  hashes: z.nullish(z.object({ SHA256: Text })),
});
const ModelVersion = z.object({ files: z.array(ListedFile) });

/**
 * What Civitai tells of the file behind a download address; nothing where it lists none, or several, that fit. Throws
 * Failed (network) when it does not answer well: without a token it likes to answer with a web page.
 */
export async function pinOnCivitai(
  source: Located & Claim,
  how: { readonly signal: AbortSignal; readonly patience: Patience },
): Promise<FilePin | undefined> {
  const [, base = '', id] = /^(.*)\/api\/download\/models\/(\d+)\/?$/.exec(source.url.pathname) ?? [];
  if (id === undefined) return undefined;
  const url = new URL(`${base}/api/v1/model-versions/${id}`, source.url);
  const answer = ModelVersion.safeParse(await fetchJson({ ...source, url }, {}, how));
  const file = answer.success ? choose(answer.data.files, source.url.searchParams) : undefined;
  const sha256 = file?.hashes?.SHA256?.toLowerCase();
  if (sha256 === undefined || !/^[0-9a-f]{64}$/.test(sha256)) return undefined;
  const size = exactBytes(file?.sizeKB) ?? (await sizeAt(source, how).catch(() => undefined));
  return { sha256, ...(size !== undefined && { size }) };
}

/** The one file that has everything the address asks for, else the primary one among those that do. */
function choose(files: readonly ListedFile[], query: URLSearchParams): ListedFile | undefined {
  const fits = ({ type, metadata }: ListedFile): boolean =>
    Object.entries({ type, format: metadata?.format, size: metadata?.size, fp: metadata?.fp }).every(
      ([name, value]) => {
        const asked = query.get(name);
        return asked === null || asked.toLowerCase() === value?.toLowerCase();
      },
    );
  const fitting = files.filter(fits);
  return fitting.length === 1 ? fitting[0] : fitting.find(({ primary }) => primary);
}

/** Bytes, when kilobytes are told exactly; the API rounds some, and a rounded size is none. */
function exactBytes(kilobytes: number | null | undefined): number | undefined {
  const bytes = (kilobytes ?? Number.NaN) * 1024;
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
}
