import { openPartials } from '#cache';

import { openHttp } from '../../tasks/tools/http/http.ts';

/** Fetches one file in a process that can be killed: `fetch-kept.ts <url> <to> <sha256> <size> <directory of partials>`. */
const [url = '', to = '', sha256 = '', size = '', directory = ''] = process.argv.slice(2);
await openHttp({
  offline: false,
  signal: new AbortController().signal,
  tokens: {},
  endpoints: { huggingFace: 'https://hf.invalid', civitai: 'https://civitai.invalid' },
  partials: openPartials(directory),
}).download({ from: [url], to, sha256, size: Number(size) });
