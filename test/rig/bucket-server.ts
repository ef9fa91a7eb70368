import { createHash, createVerify, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An object as it was uploaded. */
export interface StoredObject {
  readonly bytes: Buffer;
  readonly type: string | undefined;
  readonly authorization: string | undefined;
}

/** One answer of the server instead of the usual one. */
export interface OddAnswer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A bucket on the loopback interface, the service that gives tokens for it, and the metadata server of a machine. */
export interface BucketServer extends AsyncDisposable {
  readonly origin: string;
  /** By bucket and name: `pictures/a.png`. */
  readonly objects: ReadonlyMap<string, StoredObject>;
  /** What tokens were asked for with: the claims of each signed assertion, or the form. */
  readonly asked: readonly Readonly<Record<string, unknown>>[];
  /** Requests that came, as `POST /path`. */
  readonly requests: readonly string[];
  /** The key file of an account that the server knows. */
  readonly key: Readonly<Record<string, string>>;
  /** Answers the next uploads so. */
  next(...answers: readonly OddAnswer[]): void;
  /** Whether the account signed this text. */
  verify(text: string, signature: Buffer): boolean;
}

export const tokenOfAccount = 'token-of-the-account';
export const tokenOfMachine = 'token-of-the-machine';
const machine = 'machine@example.test';

/** The metadata server of a machine: it answers those who know what they ask. */
function metadata(url: URL, request: IncomingMessage): OddAnswer {
  if (request.headers['metadata-flavor'] !== 'Google') return { status: 403, body: {} };
  if (url.pathname.endsWith('/token')) return { status: 200, body: { access_token: tokenOfMachine } };
  return { status: 200, body: { email: machine } };
}

/** Starts one on a free port. */
export async function startBucketServer(): Promise<BucketServer> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const objects = new Map<string, StoredObject>();
  const asked: Readonly<Record<string, unknown>>[] = [];
  const requests: string[] = [];
  const odd: OddAnswer[] = [];
  const verify = (text: string, signature: Buffer): boolean =>
    createVerify('RSA-SHA256').update(text).verify(publicKey, signature);

  const upload = (url: URL, request: IncomingMessage, bytes: Buffer): OddAnswer => {
    const answer = odd.shift();
    if (answer !== undefined) return answer;
    const bucket = url.pathname.split('/')[5]!;
    const { 'content-type': type, authorization } = request.headers;
    objects.set(`${bucket}/${url.searchParams.get('name')}`, { bytes, type, authorization });
    return { status: 200, body: { md5Hash: createHash('md5').update(bytes).digest('base64') } };
  };
  const token = (form: URLSearchParams): OddAnswer => {
    const assertion = form.get('assertion');
    if (assertion === null) {
      asked.push(Object.fromEntries(form));
      return { status: 200, body: { access_token: tokenOfAccount } };
    }
    const [head, claims, signature = ''] = assertion.split('.');
    if (!verify(`${head}.${claims}`, Buffer.from(signature, 'base64url')))
      return { status: 400, body: { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' } };
    asked.push(JSON.parse(Buffer.from(claims!, 'base64url').toString()) as Record<string, unknown>);
    return { status: 200, body: { access_token: tokenOfAccount } };
  };
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url!, 'http://loopback');
      requests.push(`${request.method} ${url.pathname}`);
      const bytes = Buffer.concat(chunks);
      const answerOf = (): OddAnswer => {
        if (url.pathname.startsWith('/upload/')) return upload(url, request, bytes);
        if (url.pathname === '/token') return token(new URLSearchParams(bytes.toString()));
        if (url.pathname.startsWith('/computeMetadata/')) return metadata(url, request);
        return { status: 404, body: {} };
      };
      const { status, body, headers } = answerOf();
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    objects,
    asked,
    requests,
    verify,
    key: {
      type: 'service_account',
      client_email: 'account@example.test',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      token_uri: `${origin}/token`,
    },
    next: (...answers) => void odd.push(...answers),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
