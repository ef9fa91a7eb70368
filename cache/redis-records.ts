import { bestEffort } from './disk-error.ts';
import type { Records } from './records.ts';

/** The longest that anybody waits for Redis, in milliseconds: for the connection, or for one answer. */
const patience = 900;

/** What its keys begin with: the product, and the number of the on-disk format. */
const prefix = 'comfy-pipeline:1:result:';

/**
 * Records in the Redis at `url`. It is connected to when something is first asked, and keeps no process alive. The first
 * fault, or an answer that takes too long, ends the connection: from then on everything throws at once.
 */
export function redisRecords(url: string): Records {
  let connection: Promise<Connection> | undefined;
  let ended: { readonly because: unknown } | undefined;
  const ask = async <T>(question: (connection: Connection) => Promise<T>): Promise<T> => {
    if (ended) throw ended.because;
    connection ??= connect(url);
    try {
      // Loading the client is no fault of the server.
      const open = await connection;
      return await within(patience, question(open));
    } catch (error) {
      ended ??= { because: error };
      connection.then((open) => open.end()).catch(() => undefined);
      throw error;
    }
  };
  return {
    get: (key) => ask(async ({ ready }) => (await (await ready).get(prefix + key)) ?? undefined),
    set: (key, text) => ask(async ({ ready }) => (await (await ready).set(prefix + key, text)) === 'OK'),
    delete: (key) => ask(async ({ ready }) => (await (await ready).del(prefix + key)) > 0),
    clear: () => Promise.reject(new Error('A Redis is not emptied from here: others use it')),
  };
}

/** The texts of every record in the Redis at `url`, whoever keeps them there. Throws where it does not answer. */
export async function redisTexts(url: string): Promise<readonly string[]> {
  const { ready, end } = await connect(url);
  try {
    const client = await within(patience, ready);
    const texts: string[] = [];
    for await (const keys of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 }))
      if (keys.length > 0) texts.push(...(await client.mGet(keys)).filter((text) => text !== null));
    return texts;
  } finally {
    end();
  }
}

type Connection = Awaited<ReturnType<typeof connect>>;

/** Starts to connect. `end` works at any time: a server that never answers must not keep this process. */
async function connect(url: string) {
  const { createClient } = await import('@redis/client').catch(() => {
    throw new Error('the package @redis/client is not installed (npm install @redis/client)');
  });
  const client = createClient({ url, socket: { connectTimeout: patience, reconnectStrategy: false } });
  // Every command reports the fault that it meets.
  client.on('error', () => undefined);
  const ready = client.connect().then(() => {
    client.unref();
    return client;
  });
  return { ready, end: () => bestEffort(() => client.destroy()) };
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
