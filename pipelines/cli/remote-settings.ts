import { Failed } from '#engine';
import { secretsIn } from './secrets.ts';

type Environment = Readonly<Record<string, string>>;

/** A remote cache as it is asked for. Keys are as they were given: texts, or paths of files. */
export interface RemoteSettings {
  readonly url: URL;
  readonly mode: 'read' | 'read-write';
  readonly login: { readonly token?: string; readonly user?: string; readonly password?: string };
  readonly signingKey?: string;
  readonly trustedKeys?: string;
  /** How long the end of a run waits for what is on its way there, in milliseconds. */
  readonly waitMs: number;
  readonly secrets: readonly string[];
  /** Where a bucket's keys are. */
  readonly environment: Environment;
}

/** The flags that every verb has which may use a remote cache. */
export interface RemoteFlags {
  readonly 'remote-cache'?: string;
  readonly 'remote-cache-mode'?: RemoteSettings['mode'];
}

/** The remote cache that flags and variables ask for; nothing when none is, or no network may be used. Throws Failed (usage). */
export function remoteIn(environment: Environment, given: RemoteFlags, offline: boolean): RemoteSettings | undefined {
  const variable = (name: string): string | undefined => environment[`PIPELINE_REMOTE_CACHE${name}`] || undefined;
  const asked = given['remote-cache'] ?? variable('');
  if (asked === undefined || offline) return undefined;
  const [token, user, password] = [variable('_TOKEN'), variable('_USER'), variable('_PASSWORD')];
  const [signingKey, trustedKeys] = [variable('_SIGNING_KEY'), variable('_TRUSTED_KEYS')];
  return {
    url: urlOf(asked),
    mode: given['remote-cache-mode'] ?? modeOf(variable('_MODE')),
    login: { ...(token && { token }), ...(user && { user }), ...(password && { password }) },
    ...(signingKey && { signingKey }),
    ...(trustedKeys && { trustedKeys }),
    waitMs: secondsOf(variable('_WAIT')) * 1000,
    secrets: secretsIn(environment),
    environment,
  };
}

/** What opens a remote cache, or signs for it, is nothing to the steps of a run: they run code of others. */
const forNobodyElse = /^PIPELINE_REMOTE_CACHE_(?:TOKEN|USER|PASSWORD|SIGNING_KEY)$/;

/** The variables that steps and their children see, of those the caller has. */
export const forSteps = (environment: Environment): Environment =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !forNobodyElse.test(name)));

function urlOf(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^(?:https?|s3):$/.test(url.protocol) || url.host === '')
    throw usage('The address of the remote cache is none', 'write https://host/path, or s3://bucket/prefix');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw usage(
      'The address of the remote cache holds more than a place',
      'a login goes into PIPELINE_REMOTE_CACHE_USER and _PASSWORD, or _TOKEN: others see command lines',
    );
  return url;
}

function modeOf(text: string | undefined): RemoteSettings['mode'] {
  if (text === undefined || text === 'read-write') return 'read-write';
  if (text === 'read') return text;
  throw usage(`PIPELINE_REMOTE_CACHE_MODE cannot be ${text}`, 'choose read or read-write');
}

/** How long people wait for what only others gain by, unless they say something else. */
const usualSeconds = '300';

function secondsOf(text = usualSeconds): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw usage(`PIPELINE_REMOTE_CACHE_WAIT cannot be ${text}`, 'give seconds, as a whole number');
}

const usage = (problem: string, hint: string): Failed => new Failed({ kind: 'usage', problem, hint });
