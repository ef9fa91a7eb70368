import { openResults } from '#cache';

/** Looks one key up in a Redis, and ends by itself. */
const { url, key } = JSON.parse(process.argv[2]!) as { readonly url: string; readonly key: string };
const results = openResults({ url, warn: () => undefined });
process.stdout.write(`${JSON.stringify(await results.lookup(key))}\n`);
