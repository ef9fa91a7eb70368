import { existsSync } from 'node:fs';

import { nearest } from '../documents/nearest.ts';
import { fine, type Finding, warning } from './finding.ts';

type Environment = Readonly<Record<string, string>>;

/** Variables that are read, and no secrets. */
const read = [
  'COMFY_CACHE_ROOT',
  'COMFY_HOME',
  'COMFY_OFFLINE',
  'COMFY_PYTHON',
  'COMFY_REGISTRY_URL',
  'MODELS_DIR',
  'PIPELINE_RESULTS',
  'PIPELINE_TORCH_INDEX',
] as const;

/** Tokens by the services they are for. */
const tokens: Readonly<Record<string, readonly string[]>> = {
  'Hugging Face': ['HF_TOKEN', 'HUGGINGFACE_TOKEN'],
  Civitai: ['CIVITAI_TOKEN'],
  'gs://': ['CLOUDSDK_AUTH_ACCESS_TOKEN', 'GOOGLE_APPLICATION_CREDENTIALS'],
};

/** What the environment says that concerns us. Of a secret it is said that it is there, and nothing else. */
export const variables = (environment: Environment): readonly Finding[] => [
  ...shown(environment),
  ...unread(environment),
  ...Object.entries(tokens).map(([service, names]) => token(environment, service, names)),
];

function shown(environment: Environment): readonly Finding[] {
  const set = Object.keys(environment)
    .filter((name) => environment[name] && (isRead(name) || isUntold(name)))
    .toSorted();
  if (set.length === 0) return [fine('variables', 'none of ours is set')];
  const home = set.includes('COMFY_HOME')
    ? [
        warning(
          'COMFY_HOME',
          `${environment['COMFY_HOME']} becomes the target of every version`,
          'unset it, or give --target, to keep versions apart',
        ),
      ]
    : [];
  const told = set.map((name) => (isUntold(name) ? `${name} is set` : `${name}=${environment[name]}`));
  return [fine('variables', told.join(', ')), ...home];
}

/** Those that look like ours and are not: a slip, or one of the tools before us. */
function unread(environment: Environment): readonly Finding[] {
  const strange = Object.keys(environment).filter(
    (name) => /^(?:COMFY|PIPELINE|RUNPOD_COMFY)_/.test(name) && !isRead(name) && !isUntold(name),
  );
  return strange.toSorted().map((name) => {
    const meant = nearest(name, read);
    const remedy = meant === undefined ? 'docs/migration.md says what is there instead' : `did you mean ${meant}?`;
    return warning(name, 'is set, and nothing reads it', remedy);
  });
}

/** A shared cache has keys and passwords among its variables: none of them is shown. */
const isUntold = (name: string): boolean => name.startsWith('PIPELINE_REMOTE_CACHE');

const isRead = (name: string): boolean => (read as readonly string[]).includes(name);

function token(environment: Environment, service: string, names: readonly string[]): Finding {
  const about = `${service} token`;
  const name = names.find((one) => environment[one]);
  if (name === undefined) return fine(about, `not set (${names.join(' or ')}): only what is public can be fetched`);
  const file = name === 'GOOGLE_APPLICATION_CREDENTIALS' ? environment[name] : undefined;
  if (file !== undefined && !existsSync(file))
    return warning(about, `${name} names a file that is not there`, 'correct the path, or unset it');
  return fine(about, `${name} is set`);
}
