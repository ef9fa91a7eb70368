import type { Archive, Python } from '#engine';

import type { Environment, Shell } from '../shell.ts';
import { findInterpreter } from './find.ts';
import { installWheel } from './foreign.ts';
import { openProbe } from './probe.ts';
import { readProject } from './pyproject.ts';
import { readRequirements } from './requirements.ts';
import { resolveRequirements } from './resolve.ts';
import { unpackWheel } from './unpack.ts';
import { writeVenv } from './venv.ts';

/** Who lays out a wheel: our own unpacker, or a real installer in its place. */
export type Installer = 'pipeline' | 'uv' | 'pip';

/** The Python of this machine. `probes` is the directory that remembers interpreters; `environment` is where programs are looked up. */
export function openPython({
  shell,
  archive,
  probes,
  installer = 'pipeline',
  environment,
  onLine = () => {},
}: {
  readonly shell: Shell;
  readonly archive: Archive;
  readonly probes: string;
  readonly installer?: Installer;
  readonly environment: Environment;
  readonly onLine?: (line: string) => void;
}): Python {
  const probe = openProbe({ shell, directory: probes, environment });
  const bench = { shell, archive, environment };
  return {
    find: (wanted) => findInterpreter(wanted, { probe, environment, onLine }),
    writeVenv: async (what) => writeVenv(what),
    unpackWheel: (what) => (installer === 'pipeline' ? unpackWheel(what, bench) : installWheel(what, installer, bench)),
    async requirementLines(text, from) {
      const { requirements, dropped } = readRequirements(text, from);
      for (const sentence of dropped) onLine(sentence);
      return requirements.map(({ line }) => line);
    },
    project: async (text) => readProject(text),
    resolve: (what) => resolveRequirements(what, { shell, environment, onLine }),
  };
}
