import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';

import { Failed, planFor, run } from '#engine';
import { parseReference } from '../../tasks/tools/image/reference.ts';
import { platformOf } from '../documents/platforms.ts';
import { present } from '../documents/present.ts';
import { image, type ImageFacts } from '../image.ts';
import type { Around } from './around.ts';
import { currentLock } from './current-lock.ts';
import { factsOf } from './facts-of.ts';
import { openProject } from './open-project.ts';
import { openWorkshop } from './open-workshop.ts';
import { finishRun } from './record.ts';
import { openScreen } from './screen.ts';
import type { FlagsOf } from './verbs.ts';

/** `pipeline image <id>`: a version as a container image, without a daemon and without running anything. Answers the exit code. */
export async function commandImage(around: Around, id: string, flags: FlagsOf<'image'>): Promise<number> {
  const wish = wishOf(around, id, flags);
  const project = openProject(around, id, flags);
  const lock = currentLock(project);
  const emit = await openScreen(around, flags);
  for (const text of project.warnings) emit({ type: 'note', level: 'warning', text });
  const { torch } = flags;
  const facts = await factsOf(project, lock, { around, emit, ...present({ torch }) });
  const { interpreter } = facts;
  for (const { name } of lock.nodes.filter((node) => node.run_install))
    emit({ type: 'note', level: 'warning', text: `install.py of ${name} is not run: nothing is run to make an image` });
  if (wish.base === undefined)
    emit({ type: 'note', level: 'info', text: 'Without --base the image holds no Python: it is run on top of one' });
  const architecture = architectureOf(platformOf(interpreter));
  const plan = planFor(image.plan({ ...facts, ...wish, architecture }));
  const { workshop } = openWorkshop(project.settings, {
    run: `image ${id}`,
    emit,
    signal: around.signal,
    remote: true,
  });
  const made = await run(plan, { pipeline: 'image', subject: id }, workshop);
  return finishRun(
    emit,
    made,
    made.output && { kind: 'image', tag: wish.tag, to: flags.output ?? usualOutput(id), ...made.output },
  );
}

const usualOutput = (id: string): string => `oci:${id}.oci`;

/** What the flags say of an image. Throws Failed (usage) before anything is written. */
function wishOf({ cwd, environment }: Around, id: string, flags: FlagsOf<'image'>) {
  const directory = flags.directory ?? '/opt/comfyui';
  if (!/^(?:\/[A-Za-z0-9_][\w.-]*)+$/.test(directory))
    throw usage(`--directory is a path in the image, such as /opt/comfyui: ${directory}`);
  if (flags.python !== undefined && !isAbsolute(flags.python))
    throw usage(`--python is a path in the image, such as /usr/bin/python3: ${flags.python}`);
  const tag = flags.tag ?? `${id.toLowerCase()}:latest`;
  if (!/^[a-z\d]+(?:[._/:-]+[a-z\d]+)*:\w[\w.-]*$/.test(tag)) throw usage(`--tag is NAME:TAG, in lower case: ${tag}`);
  const base =
    flags.base === undefined || flags.base === 'scratch' ? undefined : resolve(cwd, flags.base.replace(/^oci:/, ''));
  if (base !== undefined && !existsSync(base)) throw new Failed({ kind: 'absent', what: `The base image ${base}` });
  return {
    ...present({ base, python: flags.python }),
    directory,
    owner: flags.user ?? 1000,
    withModels: flags.models ?? false,
    compression: flags.compression ?? 'gzip',
    created: createdAt(environment['SOURCE_DATE_EPOCH']),
    to: placeOf(flags.output ?? usualOutput(id), cwd),
    tag,
  } satisfies Partial<ImageFacts>;
}

/** Where the image goes: `oci:DIR`, `docker-archive:FILE`, or `docker://registry.example.com/name:tag`. */
function placeOf(output: string, cwd: string): ImageFacts['to'] {
  const [, kind, rest = ''] = /^(oci:|docker-archive:|docker:\/\/)(.+)$/.exec(output) ?? [];
  if (kind === 'oci:') return { directory: resolve(cwd, rest) };
  if (kind === 'docker-archive:') return { file: resolve(cwd, rest) };
  if (kind === undefined)
    throw usage(`--output is oci:DIR, docker-archive:FILE, or docker://registry.example.com/name:tag: ${output}`);
  parseReference(rest);
  return { registry: rest };
}

/** When an image says that it was made: never now, or no two would be equal. */
function createdAt(epoch: string | undefined): string {
  if (epoch === undefined || epoch === '') return '1980-01-01T00:00:00Z';
  if (!/^\d{1,10}$/.test(epoch)) throw usage(`SOURCE_DATE_EPOCH is a number of seconds since 1970: ${epoch}`);
  return new Date(Number(epoch) * 1000).toISOString().replace('.000Z', 'Z');
}

/** As images call it. They are of Linux: wheels for anything else do not run in one. */
function architectureOf(platform: string): string {
  const [, machine] = /^linux-(x86_64|aarch64)(?:-musl)?$/.exec(platform) ?? [];
  if (machine !== undefined) return machine === 'x86_64' ? 'amd64' : 'arm64';
  throw new Failed({
    kind: 'refused',
    what: 'to write an image',
    because: `images are for Linux, and the packages here are for ${platform}`,
    hint: 'run this on Linux, for instance in a container',
  });
}

const usage = (problem: string): Failed => new Failed({ kind: 'usage', problem });
