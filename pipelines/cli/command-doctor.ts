import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { Failed } from '#engine';
import { openShell } from '../../tasks/tools/shell.ts';
import { clock } from '../doctor/clock.ts';
import { fine, type Finding } from '../doctor/finding.ts';
import { placing, tryLinks } from '../doctor/links.ts';
import { probeVolume } from '../doctor/probe-volume.ts';
import { git, python, runtime, uv } from '../doctor/programs.ts';
import { reach, servicesFor } from '../doctor/services.ts';
import { variables } from '../doctor/variables.ts';
import { existing, type Room, volumeOf } from '../doctor/volumes.ts';
import { disk, findPaths, findRoot } from '../documents/paths.ts';
import type { Version } from '../documents/version.ts';
import { type Around, saysYes } from './around.ts';
import { openProject } from './open-project.ts';
import { packageRoot } from './package-root.ts';
import { showFindings } from './show-findings.ts';
import { servicesIn } from './services.ts';
import { tell } from './tell.ts';
import type { FlagsOf } from './verbs.ts';

/** `pipeline doctor [<id>]`: what this machine lacks for realizing. Answers 0 when nothing prevents it, else 1. */
export async function commandDoctor(around: Around, id: string | undefined, flags: FlagsOf<'doctor'>): Promise<number> {
  const probed = flags['probe-volume'] === undefined ? undefined : directoryAt(around.cwd, flags['probe-volume']);
  const { rooms, version } = whereabouts(around, id, flags);
  const cache = rooms.find(({ name }) => name === 'cache')!.path;
  const bench = {
    environment: around.environment,
    shell: openShell({ environment: around.environment, signal: around.signal }),
  };
  const wanted = version?.python.version;
  const findings: readonly Finding[] = [
    runtime(),
    await git(bench),
    await python(bench, { ...(wanted !== undefined && { version: wanted }), probes: join(cache, 'probes') }),
    await uv(bench),
    ...rooms.map(volumeOf),
    ...between(rooms),
    clock(Date.now()),
    ...variables(around.environment),
    ...(await services(around, flags)),
    ...(probed === undefined ? [] : await probeVolume(probed, { launcher: launcher(), signal: around.signal })),
  ];
  around.signal.throwIfAborted();
  const ready = findings.every(({ is }) => is !== 'problem');
  tell(around, { lines: showFindings(findings), document: { type: 'doctor', ready, findings } }, flags);
  return ready ? 0 : 1;
}

/** The directories that realizing would write to. Without a version, the target is wherever the next one would go. */
function whereabouts(around: Around, id: string | undefined, { target }: FlagsOf<'doctor'>): Whereabouts {
  const given = target === undefined ? {} : { target };
  if (id !== undefined) {
    const { paths, version } = openProject(around, id, given);
    return { rooms: roomsOf(paths), version };
  }
  const { path: root } = findRoot({ ...around, probe: disk });
  const paths = findPaths({ ...around, probe: disk, root, version: { id: 'any' }, flags: given });
  const isNamed = target !== undefined || Boolean(around.environment['COMFY_HOME']);
  return { rooms: roomsOf(isNamed ? paths : { ...paths, target: dirname(paths.target) }) };
}

interface Whereabouts {
  readonly rooms: readonly Room[];
  readonly version?: Version;
}

const roomsOf = ({ because, ...paths }: Pick<ReturnType<typeof findPaths>, Room['name'] | 'because'>): Room[] =>
  (['cache', 'models', 'target'] as const).map((name) => ({ name, path: paths[name], because: because[name] }));

/** How files get from the cache to the target. What cannot be written at all has been said already. */
function between(rooms: readonly Room[]): readonly Finding[] {
  const [cache, , target] = rooms.map(({ path }) => existing(path));
  try {
    return [placing(tryLinks(cache!, target!))];
  } catch {
    return [];
  }
}

async function services({ environment, signal }: Around, flags: FlagsOf<'doctor'>): Promise<readonly Finding[]> {
  if (!flags.services) return [];
  if (flags.offline ?? saysYes(environment['COMFY_OFFLINE']))
    return [fine('services', 'not asked: the network is not to be used')];
  // They are asked whether they are there, not for anything of the user's: no token is sent.
  const { endpoints } = servicesIn(environment);
  const patience = { headMs: 10_000, bodyMs: 10_000 };
  const { openHttp } = await import('../../tasks/tools/http/http.ts');
  const http = openHttp({ offline: false, signal, tokens: {}, endpoints, patience, wait: async () => {} });
  return Promise.all(servicesFor(environment).map((service) => reach(service, http)));
}

const launcher = (): string => join(packageRoot(), 'pipelines/cli/launch.cjs');

function directoryAt(cwd: string, word: string): string {
  const path = resolve(cwd, word);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  throw new Failed({ kind: 'absent', what: `The directory ${path}`, hint: 'name a directory on the volume' });
}
