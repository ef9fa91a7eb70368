import { basename, dirname } from 'node:path';

import { describe, Failed, toFailure } from '#engine';
import { along, findInterpreter } from '../../tasks/tools/python/find.ts';
import { openProbe } from '../../tasks/tools/python/probe.ts';
import type { Environment, Shell } from '../../tasks/tools/shell.ts';
import { fine, type Finding, problem, warning } from './finding.ts';

/** Where programs are looked for. */
interface Bench {
  readonly shell: Shell;
  readonly environment: Environment;
}

/** The runtime this is; the launcher lets no older one through. */
export const runtime = (): Finding => fine('Node', `${process.version} (${process.platform} ${process.arch})`);

/** git, which fetches the core and every node that is a repository. */
export async function git(bench: Bench): Promise<Finding> {
  const found = await versionOf(bench, 'git');
  return found === undefined
    ? problem('git', 'There is no git on PATH', 'install it: `apt-get install git`, or your system’s way')
    : fine('git', found);
}

/** The Python that a version would run on, found as `realize` finds it. */
export async function python(
  { shell, environment }: Bench,
  { version, probes }: { readonly version?: string; readonly probes: string },
): Promise<Finding> {
  const command = environment['COMFY_PYTHON'];
  const wanted = { ...(version !== undefined && { version }), ...(command && { command }) };
  const notes: string[] = [];
  try {
    const probe = openProbe({ shell, directory: probes, environment, readOnly: true });
    const { path, version: found } = await findInterpreter(wanted, {
      probe,
      environment,
      onLine: (line) => notes.push(line),
    });
    const says = `${found} (${path})`;
    return notes.length === 0 ? fine('Python', says) : warning('Python', notes.join('; '), `install ${version}`);
  } catch (error) {
    const failure = toFailure(error);
    if (!(error instanceof Failed) || failure.kind !== 'absent') throw error;
    const { message, hint = '' } = describe(failure);
    return problem('Python', message, hint);
  }
}

/** uv, which resolves and may unpack. Without one, `validate` fetches its own or asks pip. */
export async function uv(bench: Bench): Promise<Finding> {
  const named = bench.environment['UV'];
  const found = await versionOf(bench, named || 'uv');
  if (found !== undefined) return fine('uv', named ? `${found} ($UV)` : found);
  return named
    ? warning('uv', `$UV names ${named}, which is no program`, 'let UV name the path of uv, or unset it')
    : fine('uv', 'none on PATH: `validate` fetches its own when it needs one, or asks pip');
}

async function versionOf({ shell, environment }: Bench, name: string): Promise<string | undefined> {
  const [program] = name.includes('/') ? along(dirname(name), basename(name)) : along(environment['PATH'] ?? '', name);
  if (program === undefined) return undefined;
  try {
    const { stdout } = await shell.run([program, '--version'], { onLine: () => {} });
    return `${(stdout[0] ?? '').replace(/^(?:git version|uv) /, '')} (${program})`;
  } catch (error) {
    if (toFailure(error).kind === 'cancelled') throw error;
    return undefined;
  }
}
