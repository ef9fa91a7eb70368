import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { cardName, cardWheel } from './card.ts';

/** What stands behind a local index. */
export interface Shelves {
  /** The versions of a package that may be chosen, newest first. */
  versions(name: string): Promise<readonly string[]>;
  /** What a solver is to read of one of them, as METADATA. */
  card(name: string, version: string): Promise<string>;
}

/**
 * A package index on the loopback interface, gone when it is disposed of: a solver sees it and nothing else. For each version
 * it has one wheel without content, so that every solver chooses from the same, and no name reaches a place it is not for.
 */
export interface LocalIndex extends AsyncDisposable {
  readonly url: string;
  /** The packages that were asked for, in the order of first mention. */
  readonly asked: ReadonlySet<string>;
  /** What went wrong while it answered: then what a solver makes of the rest is not to be believed. */
  readonly troubles: readonly unknown[];
}

/** Opens a local index on a free port. */
export async function openLocalIndex(shelves: Shelves): Promise<LocalIndex> {
  const asked = new Set<string>();
  const troubles: unknown[] = [];
  const working = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    const work = answer(request, response, { shelves, asked })
      .catch((error: unknown) => {
        troubles.push(error);
        // Solvers ask again after 500, and do without what is not there.
        response.writeHead(400).end();
      })
      .finally(() => working.delete(work));
    working.add(work);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`,
    asked,
    troubles,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      // A solver that gave up may have left a builder at work.
      await Promise.all(working);
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  { url = '/' }: IncomingMessage,
  response: ServerResponse,
  { shelves, asked }: { readonly shelves: Shelves; readonly asked: Set<string> },
): Promise<void> {
  const [, room, name = '', version, file] = decodeURIComponent(url).split('/');
  if (room === 'simple' && name !== '') {
    asked.add(name);
    const versions = await shelves.versions(name);
    if (versions.length === 0) return void response.writeHead(404).end();
    const page = versions.map((each) => linkTo({ name, version: each })).join('\n');
    return void response
      .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
      .end(`<!doctype html>\n${page}\n`);
  }
  if (room !== 'cards' || version === undefined || file === undefined) return void response.writeHead(404).end();
  const text = await shelves.card(name, version);
  const body = file.endsWith('.metadata') ? Buffer.from(text) : cardWheel({ name, version }, text);
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': body.length }).end(body);
}

/** The link to a card; the attribute promises its METADATA beside it. */
function linkTo(card: { readonly name: string; readonly version: string }): string {
  const [version, file] = [card.version, cardName(card)].map(encodeURIComponent);
  return `<a href="/cards/${card.name}/${version}/${file}" data-core-metadata="true" data-dist-info-metadata="true">${cardName(card)}</a>`;
}
