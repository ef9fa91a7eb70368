import { readFileSync } from 'node:fs';
import * as z from 'zod';

import { Failed, type ResolvedWheel } from '#engine';

import { redactUrl } from '../redact.ts';
import { normalName } from './wheel-name.ts';

const Install = z.object({
  download_info: z.object({
    url: z.string(),
    archive_info: z
      .object({ hashes: z.record(z.string(), z.string()).default({}), hash: z.string().optional() })
      .optional(),
  }),
  metadata: z.object({ name: z.string(), version: z.string(), requires_dist: z.array(z.string()).default([]) }),
});
type Install = z.infer<typeof Install>;

/** What pip says it would install (`--report`). */
export type PipReport = z.infer<typeof PipReport>;
export const PipReport = z.object({ version: z.literal('1'), install: z.array(Install) });

/** A requirement as it was given, and what it names. */
export interface Root {
  readonly given: string;
  readonly name: string;
  readonly extras: readonly string[];
}

/** The report in the file at `path`. */
export const readReport = (path: string): PipReport => PipReport.parse(JSON.parse(readFileSync(path, 'utf8')));

/** The wheels of a report, sorted by name, each with whoever asks for it. Throws `absent` for one that has no SHA-256. */
export function wheelsOf({ install }: PipReport, roots: readonly Root[]): readonly ResolvedWheel[] {
  const wantedBy = askers(install, roots);
  return install
    .map((item) => {
      const name = normalName(item.metadata.name);
      const url = bare(item.download_info.url);
      const { hashes = {}, hash } = item.download_info.archive_info ?? {};
      const sha256 = hashes['sha256'] ?? /^sha256=(.+)$/.exec(hash ?? '')?.[1];
      if (sha256 === undefined) throw new Failed({ kind: 'absent', what: `The SHA-256 of ${redactUrl(url)}` });
      return {
        name,
        version: item.metadata.version,
        url,
        sha256,
        wantedBy: [...(wantedBy.get(name) ?? [])].toSorted(),
      };
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Package -> the lines and the packages that ask for it. A dependency of an extra counts where somebody asks for that extra. */
function askers(install: readonly Install[], roots: readonly Root[]): ReadonlyMap<string, ReadonlySet<string>> {
  const edges = [
    ...roots.map(({ given, name, extras }) => ({ by: given, name, extras, onlyFor: [] as readonly string[] })),
    ...install.flatMap(({ metadata }) => metadata.requires_dist.map((line) => edgeOf(normalName(metadata.name), line))),
  ];
  const asked = new Set(edges.flatMap(({ name, extras }) => extras.map((extra) => `${name}[${extra}]`)));
  const wantedBy = new Map<string, Set<string>>();
  for (const { by, name, onlyFor } of edges) {
    if (onlyFor.length > 0 && !onlyFor.some((extra) => asked.has(`${by}[${extra}]`))) continue;
    wantedBy.set(name, (wantedBy.get(name) ?? new Set()).add(by));
  }
  return wantedBy;
}

/** A `Requires-Dist` line: what it names, and the extras of `by` it belongs to. */
function edgeOf(by: string, line: string) {
  const [, name = '', extras = ''] = /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?/.exec(line) ?? [];
  const onlyFor = [...line.matchAll(/\bextra\s*==\s*["']([^"']+)["']/g)].map(([, extra = '']) => normalName(extra));
  return { by, name: normalName(name), extras: extras.split(',').map((extra) => normalName(extra.trim())), onlyFor };
}

/** A URL without credentials, which belong to whoever resolved, and without a fragment. */
function bare(text: string): string {
  const url = new URL(text);
  url.username = '';
  url.password = '';
  url.hash = '';
  return url.href;
}
