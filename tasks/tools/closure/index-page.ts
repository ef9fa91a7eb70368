import * as z from 'zod/mini';

/** A file as a package index lists it. */
export interface IndexFile {
  readonly filename: string;
  readonly url: string;
  readonly sha256?: string;
  /** In bytes. */
  readonly size?: number;
  readonly requiresPython?: string;
  /** Withdrawn: it is only for those who name exactly this version. */
  readonly yanked: boolean;
  /** Whether its METADATA is to be had beside it; its SHA-256 where that is known. */
  readonly metadata?: { readonly sha256?: string };
}

/** A file, and the address that opens it: with the login of its index, so it is never written down. */
export interface ListedFile extends IndexFile {
  readonly reach: string;
}

/** What is asked for: the newer format first. */
export const indexFormats =
  'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1';

/** The files of one project, from its page in either format of an index. `url` is where the page was found. */
export const parseIndexPage = ({
  text,
  type,
  url,
}: {
  readonly text: string;
  readonly type: string;
  readonly url: string;
}): readonly IndexFile[] => (/\bjson\b/.test(type) ? fromJson(text, url) : fromHtml(text, url));

const Hashes = z.record(z.string(), z.string());
const Beside = z.union([z.boolean(), Hashes]);
const Page = z.object({
  files: z.array(
    z.object({
      filename: z.string(),
      url: z.string(),
      hashes: z._default(Hashes, {}),
      size: z.optional(z.int().check(z.nonnegative())),
      'requires-python': z.nullish(z.string()),
      yanked: z._default(z.union([z.boolean(), z.string()]), false),
      'core-metadata': z.optional(Beside),
      'dist-info-metadata': z.optional(Beside),
    }),
  ),
});

const fromJson = (text: string, base: string): readonly IndexFile[] =>
  Page.parse(JSON.parse(text)).files.map((file) => {
    const beside = file['core-metadata'] ?? file['dist-info-metadata'] ?? false;
    const { sha256 } = file.hashes;
    return {
      filename: file.filename,
      url: absolute(file.url, base),
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(file.size === undefined ? {} : { size: file.size }),
      ...(file['requires-python'] ? { requiresPython: file['requires-python'] } : {}),
      yanked: file.yanked !== false,
      ...(beside === false ? {} : { metadata: shaOf(typeof beside === 'object' ? beside['sha256'] : undefined) }),
    };
  });

function fromHtml(text: string, page: string): readonly IndexFile[] {
  const base = absolute(attributesOf(/<base\s([^>]*)>/i.exec(text)?.[1] ?? '').get('href') ?? '', page);
  return [...text.matchAll(/<a\s([^>]*)>([^<]*)<\/a>/gi)].flatMap(([, written = '', shown = '']) => {
    const attributes = attributesOf(written);
    const href = attributes.get('href');
    if (href === undefined) return [];
    const [url = '', fragment = ''] = absolute(href, base).split('#', 2);
    const sha256 = /^sha256=([0-9a-f]{64})$/i.exec(fragment)?.[1]?.toLowerCase();
    const requiresPython = attributes.get('data-requires-python');
    const beside = attributes.get('data-core-metadata') ?? attributes.get('data-dist-info-metadata');
    return {
      filename: decode(shown).trim() || decodeURIComponent(url.split('/').at(-1) ?? ''),
      url,
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(requiresPython ? { requiresPython } : {}),
      yanked: attributes.has('data-yanked'),
      ...(beside === undefined || beside === 'false' ? {} : { metadata: shaOf(/^sha256=(.+)$/.exec(beside)?.[1]) }),
    };
  });
}

const shaOf = (sha256: string | undefined) => (sha256 === undefined ? {} : { sha256 });

/** Attributes of a tag by their names in lower case. */
const attributesOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    [...text.matchAll(/([a-z-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/gi)].map(
      ([, name = '', double, single, bare]) => [name.toLowerCase(), decode(double ?? single ?? bare ?? '')],
    ),
  );

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const decode = (text: string): string =>
  text.replaceAll(/&(?:#(\d+)|#x([0-9a-f]+)|([a-z]+));/gi, (whole, decimal?: string, hex?: string, name = '') =>
    decimal || hex ? String.fromCodePoint(Number(decimal ?? `0x${hex}`)) : (entities[name] ?? whole),
  );

/** A link of a page as an address of its own; on a scheme that has no hosts (`demo://simple/x/`) as well. */
function absolute(href: string, base: string): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(href)) return href;
  const [, scheme = '', place = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(base) ?? [];
  if (/^(?:https?|file)$/i.test(scheme)) return new URL(href, base).href;
  return new URL(href, `http://index/${place}`).href.replace('http://index/', `${scheme}://`);
}
