import { chmodSync, globSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { along, fromNpm, programFromPyPI } from './larder.ts';
import { once, type Subject } from './stopwatch.ts';
import type { World } from './world.ts';

/** Writes N steps that do nothing, and one after all of them, for another build tool, and runs them once; or says why not. */
type Peer = (world: World, count: number) => Omit<Subject, 'name'> | { readonly because: string };

const names = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `s${n}`);

const onTrial = () => fromNpm('peers', ['turbo@2.11.11', 'wireit@0.14.13']);

/** Its native program itself, without the Node program around it and without a daemon; a package for each step. */
const turbo: Peer = ({ root, environment, write }, count) => {
  const modules = onTrial();
  const [program] = modules === undefined ? [] : globSync(join(modules, '@turbo/*/bin/turbo'));
  if (program === undefined) return { because: 'npm has no turbo for this machine' };
  const at = `turbo-${count}`;
  const add = (path: string, content: unknown): void => write(`${at}/${path}`, JSON.stringify(content));
  add('package.json', { name: 'root', private: true, packageManager: 'npm@11.0.0', workspaces: ['packages/*'] });
  add('turbo.json', { tasks: { build: { dependsOn: ['^build'], outputs: [] } } });
  const step = { version: '1.0.0', scripts: { build: 'true' } };
  for (const name of names(count)) add(`packages/${name}/package.json`, { ...step, name });
  const dependencies = Object.fromEntries(names(count).map((name) => [name, '*']));
  add('packages/all/package.json', { ...step, name: 'all', dependencies });
  // The real one takes 0.2 s for each step of the first run. It is not called in the runs that are measured.
  write(`${at}/bin/npm`, '#!/bin/sh\nexit 0\n');
  const cwd = join(root, at);
  chmodSync(join(cwd, 'bin/npm'), 0o755);
  const PATH = [join(cwd, 'bin'), process.env['PATH']].join(delimiter);
  const quiet = { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' };
  return repeated({
    argv: [program, 'run', 'build', '--no-daemon', '--output-logs=none'],
    cwd,
    environment: { ...environment, ...quiet, PATH },
  });
};

/** Started by Node itself, not by npm; a script for each step. */
const wireit: Peer = ({ root, environment, write }, count) => {
  const modules = onTrial();
  if (modules === undefined) return { because: 'npm does not have it' };
  const at = `wireit-${count}`;
  const step = { command: 'true', files: [], output: [] };
  const scripts = Object.fromEntries([...names(count), 'all'].map((name) => [name, 'wireit']));
  const steps = Object.fromEntries(names(count).map((name) => [name, step]));
  const all = { ...step, dependencies: names(count) };
  write(`${at}/package.json`, JSON.stringify({ private: true, scripts, wireit: { ...steps, all } }));
  const cwd = join(root, at);
  symlinkSync(modules, join(cwd, 'node_modules'));
  return repeated({
    argv: [process.execPath, '--run', 'all'],
    cwd,
    environment: { ...environment, WIREIT_LOGGER: 'quiet-ci' },
  });
};

/** A file for each step. */
const ninja: Peer = ({ root, environment, write }, count) => {
  const program = along('ninja') ?? programFromPyPI('ninja', 'ninja==1.13.0');
  if (program === undefined) return { because: 'neither PATH nor PyPI has it' };
  const at = `ninja-${count}`;
  const builds = names(count).map((name) => `build ${name}: touch\n`);
  const all = `build all: touch ${names(count).join(' ')}\n`;
  write(`${at}/build.ninja`, `rule touch\n  command = touch $out\n${builds.join('')}${all}`);
  return repeated({ argv: [program, '--quiet'], cwd: join(root, at), environment });
};

/** Other build tools, by name. */
export const peers: Readonly<Record<string, Peer>> = { turbo, wireit, ninja };

/** A command that has been run once. */
function repeated(command: Omit<Subject, 'name'>): Omit<Subject, 'name'> {
  once({ ...command, name: command.argv[0] });
  return command;
}
