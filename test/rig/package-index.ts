import { hash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import { type FileServer, startFileServer } from './file-server.ts';
import { makeWheel, type WheelSpec } from './wheels.ts';

/** A source archive: what is in it, below `<name>-<version>/`. */
export interface SourceSpec {
  readonly name: string;
  readonly version?: string;
  readonly files: Readonly<Record<string, string>>;
}

/** How an index lists a file, besides its name and its hash. */
interface Listed {
  readonly requiresPython?: string;
  readonly yanked?: boolean;
  /** Promises METADATA beside the wheel, and serves it. */
  readonly metadata?: boolean;
  readonly hashless?: boolean;
}

/** A package index on the loopback interface. Its pages are HTML, and JSON for whoever asks for that. */
export interface PackageIndex extends AsyncDisposable {
  readonly server: FileServer;
  /** `http://127.0.0.1:<port>/simple` */
  readonly url: string;
  /** Lists a wheel; answers its hash and its address. */
  wheel(spec: WheelSpec, how?: Listed): { readonly url: string; readonly sha256: string; readonly filename: string };
  /** Lists a source archive. */
  source(spec: SourceSpec, how?: Listed): { readonly url: string; readonly sha256: string; readonly filename: string };
  /** The packages whose pages were asked for, each once. */
  asked(): readonly string[];
}

/** Starts an index on a free port; `format` is that of its pages. Wheels of other indexes may be on the same server, below another `base`. */
export async function startPackageIndex({
  format = 'json',
  server: given,
  base = '/simple',
}: {
  readonly format?: 'json' | 'html';
  readonly server?: FileServer;
  readonly base?: string;
} = {}): Promise<PackageIndex> {
  const server = given ?? (await startFileServer());
  const pages = new Map<string, File[]>();
  const list = (project: string, file: File, bytes: Buffer): File => {
    server.serve(new URL(file.url).pathname, bytes);
    const files = [...(pages.get(project) ?? []), file];
    pages.set(project, files);
    const page = format === 'json' ? jsonPage(project, files) : htmlPage(files);
    const type = format === 'json' ? 'application/vnd.pypi.simple.v1+json' : 'text/html';
    server.serve(`${base}/${project}/`, page, { type });
    return file;
  };
  return {
    server,
    url: `${server.origin}${base}`,
    wheel(spec, how = {}) {
      const { filename, bytes, sha256, metadata } = makeWheel(spec);
      const url = `${server.origin}${base}-files/${encodeURIComponent(filename)}`;
      if (how.metadata) server.serve(`${new URL(url).pathname}.metadata`, metadata);
      return list(normal(spec.name), { filename, url, sha256, size: bytes.length, ...how }, bytes);
    },
    source(spec, how = {}) {
      const { filename, bytes, sha256 } = makeSource(spec);
      const url = `${server.origin}${base}-files/${filename}`;
      return list(normal(spec.name), { filename, url, sha256, size: bytes.length, ...how }, bytes);
    },
    asked: () => [
      ...new Set(
        server.asked.flatMap(({ path }) =>
          path.startsWith(`${base}/`) ? [path.slice(base.length + 1).replace(/\/$/, '')] : [],
        ),
      ),
    ],
    [Symbol.asyncDispose]: async () => (given === undefined ? server[Symbol.asyncDispose]() : undefined),
  };
}

interface File extends Listed {
  readonly filename: string;
  readonly url: string;
  readonly sha256: string;
  readonly size: number;
}

const normal = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/g, '-');

const jsonPage = (name: string, files: readonly File[]): string =>
  JSON.stringify({
    meta: { 'api-version': '1.1' },
    name,
    files: files.map((file) => ({
      filename: file.filename,
      url: file.url,
      hashes: file.hashless ? {} : { sha256: file.sha256 },
      size: file.size,
      ...(file.requiresPython === undefined ? {} : { 'requires-python': file.requiresPython }),
      ...(file.yanked ? { yanked: 'it was wrong' } : {}),
      ...(file.metadata ? { 'core-metadata': true } : {}),
    })),
  });

const htmlPage = (files: readonly File[]): string =>
  `<!DOCTYPE html>\n<html><body>\n${files.map(htmlLink).join('\n')}\n</body></html>\n`;

const htmlLink = (file: File): string => {
  const attributes = [
    `href="${file.url}${file.hashless ? '' : `#sha256=${file.sha256}`}"`,
    ...(file.requiresPython === undefined
      ? []
      : [`data-requires-python="${file.requiresPython.replaceAll('>', '&gt;').replaceAll('<', '&lt;')}"`]),
    ...(file.yanked ? ['data-yanked="it was wrong"'] : []),
    ...(file.metadata ? ['data-core-metadata="true"'] : []),
  ];
  return `<a ${attributes.join(' ')}>${file.filename}</a><br>`;
};

/** A source archive as its author would publish it, the same bytes for the same spec. */
export function makeSource({ name, version = '1.0', files }: SourceSpec): {
  readonly filename: string;
  readonly bytes: Buffer;
  readonly sha256: string;
} {
  const stem = `${name}-${version}`;
  const bytes = gzipSync(tar(Object.entries(files).map(([path, text]) => [`${stem}/${path}`, Buffer.from(text)])));
  return { filename: `${stem}.tar.gz`, bytes, sha256: hash('sha256', bytes) };
}

/** A tar file of plain files. */
export function tar(files: readonly (readonly [path: string, bytes: Buffer])[]): Buffer {
  const blocks = files.flatMap(([path, bytes]) => {
    const header = Buffer.alloc(512);
    const put = (text: string, at: number): void => void header.write(text, at, 'latin1');
    put(path, 0);
    put('0000644\0', 100);
    put('0000000\0', 108);
    put('0000000\0', 116);
    put(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
    put('00000000000\0', 136);
    put('        0', 148);
    put('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
