import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';

import { Failed } from '#engine';

type Environment = Readonly<Record<string, string>>;

/** The key of a service account, which can sign. */
export type ServiceAccount = z.infer<typeof ServiceAccount>;
const ServiceAccount = z.looseObject({
  type: z.literal('service_account'),
  client_email: z.string(),
  private_key: z.string(),
  token_uri: z._default(z.string(), 'https://oauth2.googleapis.com/token'),
});

const Person = z.looseObject({
  type: z.literal('authorized_user'),
  client_id: z.string(),
  client_secret: z.string(),
  refresh_token: z.string(),
  token_uri: z._default(z.string(), 'https://oauth2.googleapis.com/token'),
});

/** Who asks for an object to be written. Found as Google's own libraries find it. */
export type Credentials =
  | { readonly kind: 'account'; readonly account: ServiceAccount }
  | { readonly kind: 'person'; readonly person: z.infer<typeof Person> }
  /** A token that somebody else asked for. */
  | { readonly kind: 'token'; readonly token: string }
  /** The machine's own identity: its metadata server gives tokens. */
  | { readonly kind: 'machine'; readonly metadata: string }
  /** Nobody: an emulator asks for no name. */
  | { readonly kind: 'nobody' };

/**
 * The credentials that an environment names: a token, a key file (GOOGLE_APPLICATION_CREDENTIALS), the login that
 * `gcloud` keeps, else those of the machine. Throws Failed (document, absent) on a file that is none.
 */
export function findCredentials(environment: Environment): Credentials {
  const set = (name: string): string | undefined => environment[name] || undefined;
  const token = set('CLOUDSDK_AUTH_ACCESS_TOKEN');
  if (token !== undefined) return { kind: 'token', token: token.trim() };
  const named = set('GOOGLE_APPLICATION_CREDENTIALS');
  if (named !== undefined) return readKey(named);
  if (set('STORAGE_EMULATOR_HOST') !== undefined) return { kind: 'nobody' };
  const home = set('HOME');
  const settings = set('CLOUDSDK_CONFIG') ?? (home && join(home, '.config/gcloud'));
  const login = settings && join(settings, 'application_default_credentials.json');
  if (login !== undefined && existsSync(login)) return readKey(login);
  return { kind: 'machine', metadata: `http://${set('GCE_METADATA_HOST') ?? 'metadata.google.internal'}` };
}

function readKey(file: string): Credentials {
  const refuse = (problem: string): Failed =>
    new Failed({ kind: 'document', file, problem, hint: 'make a key of a service account, in JSON' });
  const value = parsed(file, refuse);
  const account = ServiceAccount.safeParse(value);
  if (account.success) return { kind: 'account', account: account.data };
  const person = Person.safeParse(value);
  if (person.success) return { kind: 'person', person: person.data };
  const { type } = z.looseObject({ type: z.string() }).safeParse(value).data ?? {};
  throw refuse(`Expected a service account or a user's login, this is ${type ?? 'neither'}`);
}

function parsed(file: string, refuse: (problem: string) => Failed): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    // The engine's message quotes the text, which is a secret.
    if (error instanceof SyntaxError) throw refuse('It is not JSON');
    const hint = 'GOOGLE_APPLICATION_CREDENTIALS names it';
    throw new Failed({ kind: 'absent', what: `The key file ${file}`, hint });
  }
}
