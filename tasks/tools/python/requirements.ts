import { Failed, type Failure } from '#engine';

import { redactUrl } from '../redact.ts';
import { type RequirementSource, sourceOf } from './requirement-source.ts';
import { normalName } from './wheel-name.ts';

/** One line of a requirements file: a package, which versions of it, and where. */
export interface Requirement {
  /** Where it begins in its file, from 1. */
  readonly number: number;
  /** The whole requirement, hashes included, in one spelling. */
  readonly line: string;
  /** As indexes compare it: `demo-lib`. Absent where only the source itself tells. */
  readonly name?: string;
  readonly extras: readonly string[];
  /** SHA-256 of the files that may be taken, in hex; none means any. */
  readonly hashes: readonly string[];
  /** Where it comes from, when that is no index. */
  readonly source?: RequirementSource;
  /** The condition under which it is wanted. */
  readonly marker?: string;
}

/** A line that is not taken, and the failure that says why. Whoever overrides the package of that name does without it. */
export interface RefusedLine {
  readonly number: number;
  readonly line: string;
  readonly name?: string;
  readonly failure: Failure;
}

/** What a requirements file asks for, and sentences about what was left out of it. */
export interface Requirements {
  readonly requirements: readonly Requirement[];
  readonly dropped: readonly string[];
}

/** Options that say how to install into an environment that is there already; ours is always made anew, out of wheels. */
const pointless =
  /^(?:-U|--upgrade|--upgrade-strategy|--force-reinstall|--ignore-installed|-I|--no-cache-dir|--user|--prefer-binary|--only-binary|--no-build-isolation|--no-binary|--use-pep517|--no-warn-script-location|--disable-pip-version-check|--progress-bar|--break-system-packages|-q|--quiet|-v|--verbose|-y|--yes|--config-settings?|--global-option|--install-option)$/;
const withValue =
  /^(?:--upgrade-strategy|--only-binary|--no-binary|--progress-bar|--config-settings?|--global-option|--install-option)$/;

/**
 * Reads the text of a requirements file; `from` names it in messages. Throws `refused`, with the line's number, on what would
 * reach outside (other indexes, files of this machine, editable installs), and `document` on what is no requirement.
 */
export function readRequirements(text: string, from: string): Requirements {
  const { refused, ...read } = surveyRequirements(text, from);
  if (refused[0] !== undefined) throw new Failed(refused[0].failure);
  return read;
}

/** Reads a requirements file to its end; what `readRequirements` throws stands among the `refused`. */
export function surveyRequirements(
  text: string,
  from: string,
): Requirements & { readonly refused: readonly RefusedLine[] } {
  const requirements: Requirement[] = [];
  const refused: RefusedLine[] = [];
  const dropped: string[] = [];
  for (const { line, number } of logicalLines(text)) {
    const where: Where = { from, number, line };
    try {
      const { rest, hashes, ignored } = takeOptions(line, where);
      if (ignored.length > 0)
        dropped.push(`${from}, line ${number}: ${ignored.join(' ')} is left out, it changes nothing here`);
      if (rest !== '') requirements.push(parse(rest, hashes, where));
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      refused.push({ number, line, failure: error.failure, ...nameIn(line) });
    }
  }
  return { requirements, dropped, refused };
}

/** The package that a line is about, as far as that can be told of one that is not understood. */
function nameIn(line: string): { readonly name?: string } {
  const [, egg] = /[#&]egg=([\w.-]+)/.exec(line) ?? [];
  const [, first] = /^([A-Za-z0-9][\w.-]*)(?!\S*:\/)/.exec(line) ?? [];
  const name = egg ?? first;
  return name === undefined ? {} : { name: normalName(name) };
}

interface Where {
  readonly from: string;
  readonly number: number;
  readonly line: string;
}

/** Lines without comments and blank ones; a backslash at the end continues a line. */
function logicalLines(text: string): readonly { readonly line: string; readonly number: number }[] {
  const lines: { line: string; number: number }[] = [];
  let begun: { line: string; number: number } | undefined;
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    const { line, number } = { line: (begun?.line ?? '') + raw, number: begun?.number ?? index + 1 };
    begun = undefined;
    if (line.endsWith('\\') && !/^\s*#/.test(raw)) begun = { line: line.slice(0, -1), number };
    else lines.push({ line, number });
  }
  if (begun) lines.push(begun);
  return lines
    .map(({ line, number }) => ({ line: line.replace(/(?:^|\s)#.*$/, '').trim(), number }))
    .filter(({ line }) => line !== '');
}

/** Splits the options off a line. */
function takeOptions(
  line: string,
  where: Where,
): { rest: string; hashes: readonly string[]; ignored: readonly string[] } {
  const hashes: string[] = [];
  const ignored: string[] = [];
  const rest: string[] = [];
  const words = line.split(/\s+/);
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const [option = '', value] = word.split(/=(.*)/s, 2);
    if (!word.startsWith('-')) rest.push(word);
    else if (option === '--hash') hashes.push(hashOf(value ?? words[++at] ?? '', where));
    else if (pointless.test(option)) {
      if (value === undefined && withValue.test(option)) at++;
      ignored.push(option);
    } else throw refused(where, `${option} is not allowed in requirements`);
  }
  return { rest: rest.join(' '), hashes, ignored };
}

function hashOf(text: string, where: Where): string {
  const hash = /^sha256:([0-9a-f]{64})$/i.exec(text)?.[1];
  if (hash === undefined) throw refused(where, 'only hashes of the kind sha256 can be checked here');
  return hash.toLowerCase();
}

const shape =
  /^(?<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[(?<extras>[A-Za-z0-9._,\s-]*)\])?\s*(?<rest>.*)$/;
const specifier = /^\s*(?:(?:===?|~=|!=|<=?|>=?)\s*[A-Za-z0-9_.!+*-]+\s*(?:,\s*|$))*$/;

/** One requirement as the packaging standard writes it, or the bare URL of a wheel or of a source. */
function parse(text: string, hashes: readonly string[], where: Where): Requirement {
  if (/\$\{|\p{Cc}/u.test(text))
    throw refused(where, 'it would be filled in from the environment, or has control characters');
  if (/^(?:[.~/]|[a-z][a-z0-9+.-]*:)/i.test(text))
    return parseUrl(`@ ${text}`, { name: undefined, extras: [] }, hashes, where);
  const { name = '', extras: listed = '', rest = '' } = shape.exec(text)?.groups ?? {};
  const extras = listed.split(',').flatMap((extra) => (extra.trim() === '' ? [] : [normalName(extra.trim())]));
  if (rest.startsWith('@')) return parseUrl(rest, { name, extras }, hashes, where);
  const [versions, marker] = split(rest);
  if (name === '' || !specifier.test(versions.replace(/^\((.*)\)$/, '$1'))) throw notOne(where);
  return finish({ name, extras }, versions.replaceAll(/\s|^\(|\)$/g, '').replace(/,$/, ''), { marker, hashes, where });
}

interface Named {
  readonly name: string | undefined;
  readonly extras: readonly string[];
}

/** `@ https://host/x.whl`, with or without a name before it. */
function parseUrl(rest: string, { name, extras }: Named, hashes: readonly string[], where: Where): Requirement {
  const [place, marker] = split(rest);
  const url = place.slice(1).trim();
  const found = sourceOf(url);
  if ('because' in found) throw refused(where, found.because);
  const called = name ?? found.name;
  const all = [...hashes, ...(found.sha256 === undefined ? [] : [found.sha256])];
  const wanted = called === undefined ? url : ` @ ${url}`;
  const requirement = finish({ name: called, extras }, wanted, { marker, hashes, where });
  return { ...requirement, hashes: all, source: found.source };
}

function finish(
  { name, extras }: Named,
  wanted: string,
  { marker, hashes, where }: { readonly marker: string; readonly hashes: readonly string[]; readonly where: Where },
): Requirement {
  const named = `${name ?? ''}${extras.length > 0 ? `[${extras.join(',')}]` : ''}`;
  const asked = `${named}${wanted}${marker === '' ? '' : ` ; ${marker}`}`;
  return {
    number: where.number,
    line: [asked, ...hashes.map((hash) => `--hash=sha256:${hash}`)].join(' '),
    ...(name === undefined ? {} : { name: normalName(name) }),
    extras,
    hashes,
    ...(marker === '' ? {} : { marker }),
  };
}

/** What names the versions or the place of a package, and the condition under which it is wanted. */
function split(rest: string): readonly [versions: string, marker: string] {
  // In a URL, only a semicolon behind a space begins a condition.
  const at = rest.search(rest.startsWith('@') ? /\s;/ : /;/);
  return at < 0 ? [rest.trim(), ''] : [rest.slice(0, at).trim(), rest.slice(at).replace(/^\s*;/, '').trim()];
}

const refused = ({ from, number, line }: Where, because: string): Failed =>
  new Failed({
    kind: 'refused',
    what: `line ${number} of ${from} (${redactUrl(line)})`,
    because,
    hint: 'indexes belong into python.index_url and python.extra_index_urls, packages and URLs into python_packages; for a line of a node, `"install_requirements": false` leaves all of its lines out',
  });

const notOne = ({ from, number, line }: Where): Failed =>
  new Failed({
    kind: 'document',
    file: from,
    at: `line ${number}`,
    problem: `${JSON.stringify(redactUrl(line))} is not a requirement`,
    hint: 'write a package and its versions, such as numpy>=1.26,<3',
  });
