import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Scripts } from '#engine';
import type { Environment, Shell } from './shell.ts';

/** Where people keep the Python of a ComfyUI directory, the first that is there is taken. */
const environments = ['.venv', 'venv'];

/** Runs scripts in a target. They see the environment with that Python in front, as if it had been activated. */
export function openScripts(target: string, shell: Shell, environment: Environment): Scripts {
  return {
    async run({ at, script }) {
      const venv = environments
        .map((name) => join(target, name))
        .find((directory) => existsSync(join(directory, 'bin/python')));
      const python = venv === undefined ? 'python3' : join(venv, 'bin/python');
      const activated =
        venv === undefined
          ? environment
          : { ...environment, VIRTUAL_ENV: venv, PATH: `${dirname(python)}:${environment['PATH'] ?? ''}` };
      await shell.run([python, script], { cwd: join(target, at), environment: activated });
    },
  };
}
