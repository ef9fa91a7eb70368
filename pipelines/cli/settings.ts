import type { Limits } from '#engine';
import type { RemoteSettings } from './remote-settings.ts';

/** How a run works: where things are kept, what it may use. Paths are absolute. */
export interface Settings {
  readonly root: string;
  readonly cache: string;
  readonly models: string;
  /** The variables that steps and their children see: the caller's, and the version's own over them. */
  readonly environment: Readonly<Record<string, string>>;
  readonly offline: boolean;
  readonly keepGoing: boolean;
  readonly verify: boolean;
  readonly installer: 'pipeline' | 'uv' | 'pip';
  readonly linkMode: 'auto' | 'reflink' | 'hardlink' | 'copy';
  readonly limits: Limits;
  /** A directory in which wheels are looked for first. */
  readonly wheels?: string;
  /** A cache that is shared with others, behind the one here. */
  readonly remote?: RemoteSettings;
}

/** How many steps of each kind run at once. Downloads wait for others, so there may be more of them than cores. */
export const limitsFor = (jobs: number | undefined, cores: number): Limits => ({
  network: jobs ?? Math.max(16, cores * 2),
  cpu: Math.min(jobs ?? cores, cores),
  disk: Math.min(jobs ?? 4, 4),
});
