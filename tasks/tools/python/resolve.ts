import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Failed, type Python, type ResolvedWheel } from '#engine';

import { redactUrl } from '../redact.ts';
import type { Argv, Environment, Shell } from '../shell.ts';
import { writeFile } from '../write-file.ts';
import { pipEnvironment } from './environment.ts';
import { pipFor } from './pip.ts';
import { readReport, wheelsOf } from './report.ts';
import { readRequirements, type Requirement } from './requirements.ts';

/** What is asked of `resolve`. */
type Wanted = Parameters<Python['resolve']>[0];

/**
 * Asks pip which wheels it would install for all requirements together. Nothing is installed or built, and no code of a package
 * runs. An explicit index replaces what the user configured. Throws `refused` on lines that reach outside, `command` on a conflict.
 */
export async function resolveRequirements(
  { requirements: given, interpreter, indexUrl, extraIndexUrls = [] }: Wanted,
  seams: { readonly shell: Shell; readonly environment: Environment; readonly onLine: (line: string) => void },
): Promise<readonly ResolvedWheel[]> {
  const { requirements, dropped } = readRequirements(given.join('\n'), 'the requirements');
  for (const sentence of dropped) seams.onLine(sentence);
  const pip = await pipFor(interpreter, seams);
  using temporary = mkdtempDisposableSync(join(tmpdir(), 'pipeline-'));
  const [asked, report] = [join(temporary.path, 'requirements.txt'), join(temporary.path, 'report.json')];
  writeFile(asked, requirements.map((requirement) => `${requirement.line.replace(/ --hash=.*$/, '')}\n`).join(''));
  const install = ['install', '--dry-run', '--ignore-installed', '--only-binary=:all:'];
  const argv: Argv = [...pip, ...install, '--report', report, '-r', asked];
  const environment = {
    ...pipEnvironment(seams.environment, indexUrl === undefined),
    ...indexes(indexUrl, extraIndexUrls),
  };
  const called = (line: string): string =>
    requirements.reduce(
      (text, each, at) => text.replaceAll(`-r ${asked} (line ${at + 1})`, redactUrl(each.line.replace(/ --hash=.*$/, ''))),
      line,
    );
  await explained(`${interpreter.version} on ${interpreter.platform}`, seams.onLine, (hear) =>
    seams.shell.run(argv, { cwd: '/', environment, onLine: (line) => hear(called(line)) }),
  );
  const roots = requirements.map(({ number, name, extras }) => ({ given: given[number - 1] ?? name, name, extras }));
  const wheels = wheelsOf(readReport(report), roots);
  demandHashes(wheels, requirements);
  return wheels;
}

/** Where pip looks. Not on its command line, where everybody may read it: an index can have a password. */
const indexes = (indexUrl: string | undefined, extraIndexUrls: readonly string[]): Environment => ({
  ...(indexUrl === undefined ? {} : { PIP_INDEX_URL: indexUrl }),
  ...(extraIndexUrls.length === 0 ? {} : { PIP_EXTRA_INDEX_URL: extraIndexUrls.join(' ') }),
});

/** A requirement with hashes takes no other file. pip would ask for hashes everywhere, so they are checked here. */
function demandHashes(wheels: readonly ResolvedWheel[], requirements: readonly Requirement[]): void {
  for (const { name, hashes } of requirements) {
    const wheel = wheels.find((each) => each.name === name);
    if (wheel === undefined || hashes.length === 0 || hashes.includes(wheel.sha256)) continue;
    const hint = 'the requirement names hashes, and the file that was found has none of them';
    throw new Failed({ kind: 'integrity', what: name, expected: hashes.join(' or '), actual: wheel.sha256, hint });
  }
}

/** Runs pip; when it fails, keeps of all it said what tells why. */
async function explained(
  python: string,
  onLine: (line: string) => void,
  run: (hear: (line: string) => void) => Promise<unknown>,
) {
  const lines: string[] = [];
  const keptLines = 500;
  try {
    await run((line) => {
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
      onLine(line);
    });
  } catch (error) {
    if (!(error instanceof Failed) || error.failure.kind !== 'command') throw error;
    const useful = usefulLines(lines);
    throw new Failed({
      ...error.failure,
      command: 'pip install --dry-run',
      output: useful.length > 0 ? useful : error.failure.output,
      ...hintFor(error.failure.output.concat(useful).join('\n'), python),
    });
  }
}

/** pip's errors, then who wants what. It writes the two to different streams, so that they arrive in any order. */
export function usefulLines(lines: readonly string[]): readonly string[] {
  const errors = lines.flatMap((line) => /^ERROR: (?!ResolutionImpossible|Exception:$)(.*)$/.exec(line)?.[1] ?? []);
  const others = lines.filter((line) => !/^(?:ERROR|WARNING|INFO):/.test(line));
  const from = others.indexOf('The conflict is caused by:');
  const wishes = from < 0 ? [] : others.slice(from);
  const end = wishes.findIndex((line, at) => at > 0 && !line.startsWith(' '));
  return [...errors, ...wishes.slice(0, end < 0 ? wishes.length : end)].slice(0, 20);
}

/** What to do about pip's errors, where that is known. */
function hintFor(text: string, python: string): { readonly hint?: string } {
  if (text.includes('conflict'))
    return { hint: 'these cannot be had together: loosen one of them, or settle it with python.overrides' };
  if (/No matching distribution|Could not find a version/.test(text))
    return { hint: `no wheel of it fits Python ${python}: check its name and version, and python.index_url` };
  if (/connection|resolution|retries|timed out|SSL/i.test(text))
    return { hint: 'check the connection and python.index_url, then run again' };
  return {};
}
