import { describe, type Http, toFailure } from '#engine';
import { fine, type Finding, warning } from './finding.ts';

/** A service that validating and fetching ask, and where it is for this environment. */
export interface Service {
  readonly name: string;
  readonly url: string;
}

/** The services in the places that the environment names for them. */
export const servicesFor = (environment: Readonly<Record<string, string>>): readonly Service[] => [
  { name: 'GitHub', url: 'https://github.com/' },
  { name: 'node registry', url: environment['COMFY_REGISTRY_URL'] || 'https://api.comfy.org' },
  { name: 'Hugging Face', url: environment['HF_ENDPOINT'] || 'https://huggingface.co' },
  { name: 'Civitai', url: environment['CIVITAI_ENDPOINT'] || 'https://civitai.com' },
  { name: 'package index', url: `${indexOf(environment).replace(/\/$/, '')}/pip/` },
];

const indexOf = (environment: Readonly<Record<string, string>>): string =>
  ['UV_DEFAULT_INDEX', 'UV_INDEX_URL', 'PIP_INDEX_URL'].map((name) => environment[name]).find(Boolean) ??
  'https://pypi.org/simple';

/** Whether a service answers: any answer will do, and the pages asked for are small. What is in the cache needs none. */
export async function reach({ name, url }: Service, http: Pick<Http, 'read'>): Promise<Finding> {
  try {
    await http.read(url);
  } catch (error) {
    const failure = toFailure(error);
    if (failure.kind === 'cancelled' || failure.kind === 'bug') throw error;
    if (failure.kind !== 'network' || failure.status === undefined)
      return warning(
        name,
        `does not answer: ${describe(failure).message}`,
        'check the network, the proxy and the certificates; what is in the cache can be realized without it',
      );
  }
  return fine(name, `${url} answers`);
}
