import * as z from 'zod/mini';

import { check, type Findings, type Place } from './findings.ts';
import { present } from './present.ts';
import { Texts, tidy } from './tidy.ts';

/** The Python environment of a version, as its documents ask for it. Requirements are raw lines, as pip reads them. */
export interface VersionPython {
  /** `3`, `3.11` or `3.11.9` */
  readonly version?: string;
  readonly index_url?: string;
  readonly extra_index_urls: readonly string[];
  /** Which build of torch: `cpu`, `cu128`, `rocm6.4`. */
  readonly torch?: string;
  /** The kinds of machine it is locked for; none means the one that locks it. */
  readonly platforms?: readonly { readonly platform: string; readonly torch?: string }[];
  /** Lines that win over every other requirement. */
  readonly overrides: readonly string[];
  readonly packages: readonly string[];
  /** Words for pip that a generation 1 spec adds, on one line. */
  readonly pip_extra_args?: string;
}

/** `cpu`, `cu128`, `rocm6.4` (`rocm`: a recent one) or `xpu`. */
export const TorchBuild = z
  .string()
  .check(
    z.regex(/^(?:cpu|cu\d{2,3}|rocm(?:\d+(?:\.\d+)*)?|xpu)$/, 'Expected cpu, xpu, rocm, or such as cu128 or rocm6.4'),
  );

/** `3`, `3.11` or `3.11.9` */
export const PythonVersion = z
  .string('Expected text in quotes: as a number, 3.10 is 3.1')
  .check(z.regex(/^3(?:\.\d{1,3}){0,2}$/, 'Expected a version of Python such as 3.11 or 3.11.9'));

/** A package index: `https://`, `http://`, `file://` or `demo://`, without credentials. */
export const IndexUrl = z.string().check(
  z.refine((text) => {
    const url = /^(?:https?|file|demo):\/\//.test(text) ? URL.parse(text) : null;
    return url !== null && url.username === '' && url.password === '';
  }, 'Expected an https://, http:// or file:// URL without credentials'),
);

/** Requirement lines: each on one line. */
export const Lines = Texts.check(
  z.refine(
    (lines) => lines.every((line) => !/\p{Cc}/u.test(line)),
    'A requirement is one line without control characters',
  ),
);

const PlatformName = z
  .string()
  .check(
    z.regex(
      /^(?:linux-(?:x86_64|aarch64)(?:-musl)?|macosx-(?:arm64|x86_64))$/,
      'Expected linux-x86_64, linux-aarch64, macosx-arm64 or macosx-x86_64',
    ),
  );

/** Kinds of machine, each once: `"linux-x86_64"`, or with its build of torch `{"platform": "linux-x86_64", "torch": "cpu"}`. */
const Platforms = z
  .array(
    z.union(
      [
        z.pipe(
          PlatformName,
          z.transform((platform): { platform: string; torch?: string } => ({ platform })),
        ),
        z.strictObject({ platform: PlatformName, torch: z.exactOptional(TorchBuild) }),
      ],
      'Expected a platform such as "linux-x86_64", or {"platform": "linux-x86_64", "torch": "cpu"}',
    ),
  )
  .check(
    z.minLength(1, 'Expected at least one platform; leave it out to mean this machine'),
    z.refine(
      (platforms) => new Set(platforms.map(({ platform, torch }) => `${platform} ${torch}`)).size === platforms.length,
      'The same platform with the same torch twice',
    ),
  );

/** The fields of `python`. */
export const PythonEntry = z.object({
  version: z.optional(PythonVersion),
  index_url: z.optional(IndexUrl),
  extra_index_urls: z.optional(z.pipe(Texts, z.array(IndexUrl))),
  torch: z.optional(TorchBuild),
  platforms: z.optional(Platforms),
  overrides: z.optional(Lines),
  packages: z.optional(Lines),
});

/** Reads the `python` block of one document. */
export function readPython(value: unknown, place: Place, findings: Findings): Partial<VersionPython> {
  const fields = tidy(value, { keys: Object.keys(PythonEntry.shape) }, place, findings);
  return present((fields && check(PythonEntry, fields, place, findings)) ?? {});
}
