import { once } from 'node:events';
import { createServer, type IncomingMessage, request as forward, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Servers in front of others: everything to them goes through these, and may be held up. Gone when they are disposed of. */
export interface Front<Name extends string = string> extends AsyncDisposable {
  /** Where each of the others is now: `http://127.0.0.1:<port>`. */
  readonly origins: Readonly<Record<Name, string>>;
  /** What was asked so far: `git GET /core/info/refs`. */
  readonly asked: readonly string[];
  /** The most requests that were open at one time. */
  readonly most: number;
}

/** What is waited for on the way to the others, and on the way back. */
export interface Way {
  readonly there?: (asked: string) => Promise<unknown> | undefined;
  readonly back?: (asked: string) => Promise<unknown> | undefined;
}

/** Puts a server in front of each origin. */
export async function openFront<Name extends string>(
  behind: Readonly<Record<Name, string>>,
  { there, back }: Way,
): Promise<Front<Name>> {
  const asked: string[] = [];
  let open = 0;
  let most = 0;
  const serve = async (name: string, origin: string) => {
    const server = createServer((incoming, response) => {
      const what = `${name} ${incoming.method} ${incoming.url}`;
      asked.push(what);
      most = Math.max(most, ++open);
      response.once('close', () => open--);
      void (async () => {
        await there?.(what);
        const answer = await pass(incoming, origin);
        await back?.(what);
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      })().catch(() => response.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return [name, server] as const;
  };
  const servers = await Promise.all(Object.entries<string>(behind).map(([name, origin]) => serve(name, origin)));
  return {
    origins: Object.fromEntries(servers.map(([name, server]) => [name, originOf(server)])) as Record<Name, string>,
    asked,
    get most() {
      return most;
    },
    async [Symbol.asyncDispose]() {
      for (const [, server] of servers) {
        server.closeAllConnections();
        server.close();
      }
      await Promise.all(servers.map(([, server]) => once(server, 'close')));
    },
  };
}

const originOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** Asks whoever is behind, and yields the answer once its head is there. */
async function pass(incoming: IncomingMessage, origin: string): Promise<IncomingMessage> {
  const { method, headers, url = '/' } = incoming;
  const onward = forward(new URL(url, origin), { method, headers });
  incoming.pipe(onward);
  const [answer] = (await once(onward, 'response')) as [IncomingMessage];
  return answer;
}
