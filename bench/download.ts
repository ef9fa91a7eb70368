import { enableCompileCache } from 'node:module';

/** Fetches one file as a step does: `download.ts <url> <to> <sha256> <size>`. What is loaded is kept compiled, as by the launcher. */
enableCompileCache();
const { openHttp } = await import('../tasks/tools/http/http.ts');
const [url = '', to = '', sha256 = '', size = ''] = process.argv.slice(2);
await openHttp({
  offline: false,
  signal: new AbortController().signal,
  tokens: {},
  endpoints: { huggingFace: 'https://huggingface.invalid', civitai: 'https://civitai.invalid' },
}).download({ from: [url], to, sha256, size: Number(size) });
