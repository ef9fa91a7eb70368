import { Failed, type Failure, type Http, toFailure } from '#engine';

import { redactUrl } from '../redact.ts';
import { indexFormats, type ListedFile, parseIndexPage } from './index-page.ts';
import { placeInTorch } from './torch.ts';

/** Where packages are looked for. */
export interface Indexes {
  /** In the order in which they are asked: the first that knows a package is the only one it comes from. */
  readonly ordinary: readonly string[];
  /** Where torch and what is made for it comes from, and nothing else. */
  readonly torch?: string;
}

/** Files of packages by name, wherever they are listed. Each page is asked for once. */
export interface Catalogue {
  files(name: string): Promise<readonly ListedFile[]>;
}

/** The catalogue of these indexes. No name is asked of an index that it cannot come from. */
export function openCatalogue(indexes: Indexes, http: Pick<Http, 'read'>): Catalogue {
  const pages = new Map<string, Promise<readonly ListedFile[]>>();
  return {
    files(name) {
      const known = pages.get(name) ?? find(name, placesOf(name, indexes), http);
      pages.set(name, known);
      return known;
    },
  };
}

function placesOf(name: string, { ordinary, torch }: Indexes): readonly Place[] {
  const others = ordinary.map((index) => ({ index, hidesAbsence: false }));
  if (torch === undefined) return others;
  // Where builds of torch are published, what is not there is forbidden.
  const special = { index: torch, hidesAbsence: true };
  switch (placeInTorch(name)) {
    case 'alone':
      return [special];
    case 'first':
      return [special, ...others];
    case 'never':
      return others;
  }
}

interface Place {
  readonly index: string;
  readonly hidesAbsence: boolean;
}

async function find(name: string, places: readonly Place[], http: Pick<Http, 'read'>): Promise<readonly ListedFile[]> {
  for (const place of places) {
    const files = await pageOf(name, place, http);
    if (files !== undefined) return files;
  }
  return [];
}

/** The files on one page, or nothing when there is no such page. */
async function pageOf(
  name: string,
  { index, hidesAbsence }: Place,
  http: Pick<Http, 'read'>,
): Promise<readonly ListedFile[] | undefined> {
  const page = `${index.replace(/\/+$/, '')}/${name}/${index.startsWith('file:') ? 'index.html' : ''}`;
  try {
    const { bytes, type, url } = await patiently(() => http.read(page, { accept: indexFormats }));
    const files = parseIndexPage({ text: bytes.toString(), type, url });
    return files.map((file) => ({ ...file, reach: withLogin(file.url, index) }));
  } catch (error) {
    if (isAbsence(toFailure(error), hidesAbsence)) return undefined;
    if (error instanceof Failed) throw error;
    throw new Failed({ kind: 'document', file: redactUrl(page), problem: 'It is not the page of a package index' });
  }
}

const isAbsence = (failure: Failure, hidesAbsence: boolean): boolean =>
  failure.kind === 'absent' ||
  (failure.kind === 'network' &&
    (failure.status === 404 || failure.status === 410 || (failure.status === 403 && hidesAbsence)));

/** How often one small request is made before a whole resolution is given up. */
const attempts = 3;

/** Asks again at once when a connection broke: the engine would ask everything again. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      const failure = toFailure(error);
      const hopeless = failure.kind !== 'network' || !failure.transient || failure.retryAfterMs !== undefined;
      if (hopeless || attempt === attempts) throw error;
    }
  }
}

/** The address of a file with the user name of its index, if it is on the same server. */
function withLogin(file: string, index: string): string {
  const [to, from] = [URL.parse(file), URL.parse(index)];
  if (to === null || from === null || from.username === '' || to.origin !== from.origin) return file;
  to.username = from.username;
  to.password = from.password;
  return to.href;
}
