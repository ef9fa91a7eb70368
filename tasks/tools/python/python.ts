import { availableParallelism } from 'node:os';

import { type Archive, describe, type Http, type Python, type RequirementLine } from '#engine';

import { redactUrl } from '../redact.ts';
import type { Environment, Shell } from '../shell.ts';
import { buildWheel } from './build.ts';
import { openCompile } from './compile.ts';
import { findInterpreter } from './find.ts';
import { installWheel } from './foreign.ts';
import { openProbe } from './probe.ts';
import { readProject } from './pyproject.ts';
import { surveyRequirements } from './requirements.ts';
import { unpackWheel } from './unpack.ts';
import { writeVenv } from './venv.ts';

/** Who lays out a wheel: our own unpacker, or a real installer in its place. */
export type Installer = 'pipeline' | 'uv' | 'pip';

/**
 * The Python of this machine. `probes` is the directory that remembers interpreters, `programs` the one for programs of our own;
 * `environment` is where programs are looked up.
 */
export function openPython({
  shell,
  archive,
  http,
  probes,
  programs,
  installer = 'pipeline',
  environment,
  compilers = availableParallelism(),
  signal = new AbortController().signal,
  onLine = () => {},
}: {
  readonly shell: Shell;
  readonly archive: Archive;
  readonly http: Http;
  readonly probes: string;
  readonly programs: string;
  readonly installer?: Installer;
  readonly environment: Environment;
  /** How many programs may byte-compile at once. */
  readonly compilers?: number;
  readonly signal?: AbortSignal;
  readonly onLine?: (line: string) => void;
}): Python {
  const probe = openProbe({ shell, directory: probes, environment });
  const compile = openCompile({ environment, most: compilers, signal });
  const bench = { shell, archive, environment, compile };
  return {
    find: (wanted) => findInterpreter(wanted, { probe, environment, onLine }),
    writeVenv: async (what) => writeVenv(what),
    unpackWheel: (what) => (installer === 'pipeline' ? unpackWheel(what, bench) : installWheel(what, installer, bench)),
    async requirementLines(text, from) {
      const { lines, dropped } = linesOf(text, from);
      for (const sentence of dropped) onLine(sentence);
      return lines;
    },
    project: async (text) => readProject(text),
    async resolve(what) {
      // It is much, and seldom asked for.
      const { resolveClosure } = await import('../closure/resolve.ts');
      return resolveClosure(what, { ...bench, http, programs });
    },
    buildWheel: (what) => buildWheel(what, bench),
  };
}

/** The lines of a requirements file, each with its place: `ComfyUI-Foo/requirements.txt:3`. */
function linesOf(
  text: string,
  from: string,
): { readonly lines: readonly RequirementLine[]; readonly dropped: readonly string[] } {
  const { requirements, refused, dropped } = surveyRequirements(text, from);
  const taken = requirements.map(({ number, line, name, source }) => ({
    number,
    line,
    ...(name === undefined ? {} : { name }),
    ...(source === undefined ? {} : { source }),
  }));
  const others = refused.map(({ number, line, name, failure }) => ({
    number,
    line: redactUrl(line),
    ...(name === undefined ? {} : { name }),
    refused: failure.kind === 'refused' ? failure.because : describe(failure).message,
  }));
  const lines = [...taken, ...others]
    .toSorted((a, b) => a.number - b.number)
    .map(({ number, ...line }) => ({ ...line, where: `${from}:${number}` }));
  return { lines, dropped };
}
