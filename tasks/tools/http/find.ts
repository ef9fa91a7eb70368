import { Failed } from '#engine';

import { redactUrl } from '../redact.ts';
import type { HttpOptions } from './options.ts';
import { type Claim, locate, type Located, localPath, withClaim } from './source.ts';

/** A path of this machine, or a place on the network with what opens it. Throws Failed (refused, offline). */
export async function find(source: string, options: HttpOptions): Promise<string | (Located & Claim)> {
  const standIn = await options.localSource?.(source);
  if (standIn !== undefined) return standIn;
  const located = locate(source, options.endpoints);
  const path = localPath(located.url);
  if (path !== undefined) return path;
  if (options.offline) throw new Failed({ kind: 'offline', missing: [redactUrl(source)] });
  return withClaim(located, options.tokens);
}
