import type { Readable } from 'node:stream';

import * as z from 'zod/mini';

import { Failed } from '#engine';

import { exchange, type Head } from '../http/exchange.ts';
import { redactUrl } from '../redact.ts';
import { type Login, loginFor } from './login.ts';
import type { Reference } from './reference.ts';

/** How long a registry may be silent, in milliseconds. It may write a large layer to its disk before it answers. */
const patience = { headMs: 300_000, bodyMs: 60_000 };

const mostAnswerBytes = 1_000_000;

/** A registry of images that has let us in. */
export interface ImageRegistry {
  readonly origin: string;
  /** One request. Throws Failed (network) on any status but `hoped`. A login goes to the registry alone, not to where it sends us. */
  ask(what: Request, hoped: readonly number[]): Promise<Head>;
}

/** One request; `body` is made anew for each attempt. */
export interface Request {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  /** Below the registry, or (`url`) where it told us to go. */
  readonly path?: string;
  readonly url?: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: () => Buffer | Readable;
}

/** Where registries and their logins come from. */
interface Seams {
  readonly signal: AbortSignal;
  readonly environment: Readonly<Record<string, string>>;
}

/** Finds out how a registry wants to be asked, and logs in for sending to one name. */
export async function openRegistry(
  { origin, name }: Reference,
  { signal, environment }: Seams,
): Promise<ImageRegistry> {
  const send = async (request: Request, credentials: Readonly<Record<string, string>>) => {
    const url = request.url ?? new URL(request.path ?? '/', origin);
    const chunks: Buffer[] = [];
    let size = 0;
    let head: Head | undefined;
    await exchange(
      {
        url,
        method: request.method,
        headers: { 'user-agent': 'comfy-pipeline', ...request.headers },
        credentials: url.origin === origin ? credentials : {},
        ...(request.body && { body: request.body() }),
      },
      {
        head: (answered) => (head = answered),
        data(chunk) {
          size += chunk.length;
          if (size > mostAnswerBytes) throw trouble(url, 'The answer does not end');
          chunks.push(chunk);
        },
      },
      { signal, patience },
    );
    return { ...head!, text: Buffer.concat(chunks).toString(), url };
  };
  const login = loginFor(origin, environment);
  const greeting = await send({ method: 'GET', path: '/v2/' }, {});
  const credentials =
    greeting.status === 401
      ? await enter(greeting.headers['www-authenticate'] ?? '', { origin, name, login, send })
      : {};
  return {
    origin,
    async ask(request, hoped) {
      const answer = await send(request, credentials);
      if (hoped.includes(answer.status)) return answer;
      throw trouble(answer.url, `The registry answered ${answer.status}${saidIn(answer.text)}`, answer.status, login);
    },
  };
}

/** What a registry that wants a login takes: the login itself, or a token for it. */
async function enter(
  challenge: string,
  of: {
    readonly origin: string;
    readonly name: string;
    readonly login: Login | undefined;
    readonly send: (
      request: Request,
      credentials: Readonly<Record<string, string>>,
    ) => Promise<Head & { readonly text: string; readonly url: URL }>;
  },
): Promise<Readonly<Record<string, string>>> {
  const { origin, name, login, send } = of;
  const basic = login && {
    authorization: `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`,
  };
  if (/^basic\b/i.test(challenge)) {
    if (basic !== undefined) return basic;
    throw trouble(new URL(origin), 'The registry wants a login', 401);
  }
  const field = (key: string): string | undefined => new RegExp(`\\b${key}="([^"]*)"`, 'i').exec(challenge)?.[1];
  const realm = URL.parse(field('realm') ?? '');
  const isSafe = realm?.protocol === 'https:' || (realm !== null && origin.startsWith('http:'));
  if (realm === null || !isSafe) throw trouble(new URL(origin), 'It does not say where to log in', 401);
  const service = field('service');
  if (service !== undefined) realm.searchParams.set('service', service);
  realm.searchParams.set('scope', `repository:${name}:pull,push`);
  const headers = { accept: 'application/json', ...basic };
  const answer = await send({ method: 'GET', url: realm, headers }, {});
  const token = Token.safeParse(json(answer.text)).data;
  const bearer = token?.token ?? token?.access_token;
  if (answer.status !== 200 || bearer === undefined)
    throw trouble(realm, `The registry gives no token (${answer.status})`, 401, login);
  return { authorization: `Bearer ${bearer}` };
}

const Token = z.looseObject({ token: z.exactOptional(z.string()), access_token: z.exactOptional(z.string()) });
const Errors = z.looseObject({
  errors: z.array(z.looseObject({ code: z.string(), message: z._default(z.string(), '') })),
});

/** What a registry says is wrong, in its own words. */
function saidIn(text: string): string {
  const [first] = Errors.safeParse(json(text)).data?.errors ?? [];
  return first === undefined ? '' : ` (${first.code}${first.message === '' ? '' : `: ${first.message}`})`;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function trouble(url: URL, problem: string, status?: number, login?: Login): Failed {
  const isClosed = status === 401 || status === 403;
  const way = 'log in with `docker login`, or name the file that has the login in REGISTRY_AUTH_FILE';
  const hint = login === undefined ? way : `the login of ${login.user} does not do: ${way}`;
  return new Failed({
    kind: 'network',
    url: redactUrl(url.href),
    problem,
    transient: status !== undefined && (status === 429 || status >= 500),
    ...(status !== undefined && { status }),
    ...(isClosed && { hint }),
  });
}
