import { join } from 'node:path';

import * as z from 'zod/mini';

import { readSmall } from '../read-small.ts';

/** Who sends an image. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

const mostBytes = 1_000_000;

const Auths = z.looseObject({
  auths: z._default(z.record(z.string(), z.looseObject({ auth: z.exactOptional(z.string()) })), {}),
});

/** The login for a registry, from the files in which `docker login` and `podman login` keep it; undefined where there is none. */
export function loginFor(origin: string, environment: Readonly<Record<string, string>>): Login | undefined {
  const { host } = new URL(origin);
  for (const path of filesIn(environment)) {
    const auths = Auths.safeParse(json(readSmall(path, mostBytes))).data?.auths ?? {};
    const auth = [host, origin, `${origin}/v2/`, `${origin}/v1/`].map((name) => auths[name]?.auth).find(Boolean);
    const [, user, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(auth ?? '', 'base64').toString()) ?? [];
    if (user !== undefined && password !== undefined) return { user, password };
  }
  return undefined;
}

/** The files that may hold logins, the one that was named first. */
function filesIn(environment: Readonly<Record<string, string>>): readonly string[] {
  const { REGISTRY_AUTH_FILE: named, XDG_RUNTIME_DIR: session, DOCKER_CONFIG: docker, HOME: home } = environment;
  return [
    ...(named ? [named] : []),
    ...(session ? [join(session, 'containers/auth.json')] : []),
    ...(docker ? [join(docker, 'config.json')] : home ? [join(home, '.docker/config.json')] : []),
  ];
}

function json(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
