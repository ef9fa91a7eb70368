import { Failed } from '#engine';

import { redactUrl } from '../redact.ts';
import { normalName, parseWheelName } from './wheel-name.ts';

/** One line of a requirements file: a package, which versions of it, and where. */
export interface Requirement {
  /** Where it begins in its file, from 1. */
  readonly number: number;
  /** The whole requirement, hashes included, in one spelling. */
  readonly line: string;
  /** Without its hashes: what a resolver is asked. */
  readonly asked: string;
  /** As indexes compare it: `demo-lib`. */
  readonly name: string;
  readonly extras: readonly string[];
  /** SHA-256 of the files that may be taken, in hex; none means any. */
  readonly hashes: readonly string[];
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
 * reach outside (other indexes, files, repositories, editable installs), and `document` on what is no requirement.
 */
export function readRequirements(text: string, from: string): Requirements {
  const requirements: Requirement[] = [];
  const dropped: string[] = [];
  for (const { line, number } of logicalLines(text)) {
    const where: Where = { from, number, line };
    const { rest, hashes, ignored } = takeOptions(line, where);
    if (ignored.length > 0)
      dropped.push(`${from}, line ${number}: ${ignored.join(' ')} is left out, it changes nothing here`);
    if (rest !== '') requirements.push(parse(rest, hashes, where));
  }
  return { requirements, dropped };
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

/** One requirement as the packaging standard writes it, or the bare URL of a wheel. */
function parse(text: string, hashes: readonly string[], where: Where): Requirement {
  if (/\$\{|\p{Cc}/u.test(text))
    throw refused(where, 'it would be filled in from the environment, or has control characters');
  if (/^(?:[.~/]|[a-z][a-z0-9+.-]*:)/i.test(text))
    return parse(`${wheelNameIn(text.split(/\s/)[0]!, where)} @ ${text}`, hashes, where);
  const { name = '', extras: listed = '', rest = '' } = shape.exec(text)?.groups ?? {};
  const extras = listed.split(',').flatMap((extra) => (extra.trim() === '' ? [] : [normalName(extra.trim())]));
  const [versions, marker] = split(rest);
  if (versions.startsWith('@')) wheelNameIn(versions.slice(1).trim(), where);
  else if (name === '' || !specifier.test(versions.replace(/^\((.*)\)$/, '$1'))) throw notOne(where);
  const asked = [
    name + (extras.length > 0 ? `[${extras.join(',')}]` : ''),
    versions.startsWith('@')
      ? ` @ ${versions.slice(1).trim()}`
      : versions.replaceAll(/\s|^\(|\)$/g, '').replace(/,$/, ''),
    marker === '' ? '' : ` ; ${marker}`,
  ].join('');
  const line = [asked, ...hashes.map((hash) => `--hash=sha256:${hash}`)].join(' ');
  return { number: where.number, line, asked, name: normalName(name), extras, hashes };
}

/** What names the versions or the place of a package, and the condition under which it is wanted. */
function split(rest: string): readonly [versions: string, marker: string] {
  // In a URL, only a semicolon behind a space begins a condition.
  const at = rest.search(rest.startsWith('@') ? /\s;/ : /;/);
  return at < 0 ? [rest.trim(), ''] : [rest.slice(0, at).trim(), rest.slice(at).replace(/^\s*;/, '').trim()];
}

/** The package of the wheel behind a URL. Throws unless it is a wheel on a server. */
function wheelNameIn(url: string, where: Where): string {
  const { protocol = '', pathname = '', username = '', password = '' } = URL.parse(url) ?? {};
  if (protocol !== 'https:' && protocol !== 'http:')
    throw refused(where, 'it is not a package of an index, and not a wheel on a server');
  if (username !== '' || password !== '') throw refused(where, 'it holds credentials, which would be written down');
  const file = (pathname.split('/').at(-1) ?? '').replaceAll(/%2b/gi, '+');
  if (!file.endsWith('.whl')) throw refused(where, 'it is not a wheel, and building one would run foreign code');
  return parseWheelName(file).name;
}

const refused = ({ from, number, line }: Where, because: string): Failed =>
  new Failed({
    kind: 'refused',
    what: `line ${number} of ${from} (${redactUrl(line)})`,
    because,
    hint: 'indexes belong into python.index_url and python.extra_index_urls, packages and URLs of wheels into python_packages',
  });

const notOne = ({ from, number, line }: Where): Failed =>
  new Failed({
    kind: 'document',
    file: from,
    at: `line ${number}`,
    problem: `${JSON.stringify(redactUrl(line))} is not a requirement`,
    hint: 'write a package and its versions, such as numpy>=1.26,<3',
  });
