import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { Failed } from '#engine';
import type { Launch } from '../../tasks/tools/comfy/server.ts';
import type { Project } from './open-project.ts';

/** What a target's server is started with. Throws Failed (absent) when there is none. */
export function serverOf({ paths, settings, version }: Project): Pick<Launch, 'python' | 'main' | 'environment'> {
  const { target } = paths;
  // The first tools laid ComfyUI out below the target.
  const homes = [target, join(target, 'ComfyUI')];
  const [main, python] = ['main.py', '.venv/bin/python'].map((name) =>
    homes.map((home) => join(home, name)).find((file) => existsSync(file)),
  );
  if (main === undefined || python === undefined)
    throw new Failed({
      kind: 'absent',
      what: main === undefined ? join(target, 'main.py') : join(target, '.venv/bin/python'),
      hint: `\`pipeline realize ${version.id}\` makes it`,
    });
  // What the caller's own Python is told to load is not for this one; what the version says is.
  const isForeign = (name: string): boolean => /^PYTHON(?:HOME|PATH)$/.test(name) && !Object.hasOwn(version.env, name);
  const environment = Object.entries(settings.environment).filter(([name]) => !isForeign(name));
  return {
    main,
    python,
    environment: {
      ...Object.fromEntries(environment),
      COMFY_HOME: target,
      MODELS_DIR: paths.models,
      VIRTUAL_ENV: join(python, '../..'),
      PATH: [join(python, '..'), settings.environment['PATH']].filter(Boolean).join(':'),
      // What it said last must be known when it is killed.
      PYTHONUNBUFFERED: '1',
    },
  };
}

/** Refuses arguments after `--` that decide where the server listens: who waits for it must know. Throws Failed (usage). */
export function refuseListening(rest: readonly string[], hint: string): void {
  const word = rest.find((one) => /^--(?:port|listen)(?:=|$)/.test(one));
  if (word !== undefined)
    throw new Failed({ kind: 'usage', problem: `${word.replace(/=.*/s, '')} cannot come after --`, hint });
}
