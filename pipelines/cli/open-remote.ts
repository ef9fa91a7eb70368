import { readFileSync, statSync } from 'node:fs';

import type { RemoteNeeds, Store } from '#cache';
import type { Emit } from '#engine';
import { openCarrier } from '../../tasks/tools/remote/open-carrier.ts';
import type { RemoteSettings } from './remote-settings.ts';

/** What a remote cache is opened with. Throws where a key's file cannot be read. */
export async function remoteNeeds(
  settings: RemoteSettings,
  { store, emit, signal }: { readonly store: Store; readonly emit: Emit; readonly signal: AbortSignal },
): Promise<RemoteNeeds> {
  const { mode, secrets, waitMs, signingKey, trustedKeys } = settings;
  return {
    carrier: await openCarrier(settings),
    store,
    mode,
    ...(signingKey && { signingKey: textOf(signingKey) }),
    ...(trustedKeys && { trustedKeys: textOf(trustedKeys) }),
    secrets,
    tell: (level, text) => emit({ type: 'note', level, text }),
    signal,
    waitMs,
  };
}

/** A key may be given as it is, or by the path of a file that holds it. */
function textOf(given: string): string {
  const isFile = !given.includes('\n') && statSync(given, { throwIfNoEntry: false })?.isFile();
  return isFile ? readFileSync(given, 'utf8') : given;
}
