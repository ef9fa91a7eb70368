import { join } from 'node:path';

import { type KnownHashes, openKnownHashes } from '#cache';

/** What is remembered of files that are not ours, in a cache. */
export const knownHashesIn = (cache: string): KnownHashes => openKnownHashes(join(cache, 'hashes'));
