import { addProblem, type Findings, type Place, refuseProblems } from '../documents/findings.ts';
import { splitRepository, withoutUserinfo } from '../documents/split-repository.ts';
import { type Candidate, type Found, guessed, nothing, short, taken, titleOf } from './found.ts';

/** The lines of a list that mean something, with their numbers (from 1). `#` begins a comment at the start of a word. */
export const wordsOf = (text: string): readonly { readonly line: number; readonly word: string }[] =>
  text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .map((line, index) => ({ line: index + 1, word: line.replace(/(?:^|\s)#.*$/, '').trim() }))
    .filter(({ word }) => word !== '');

/** A node in one word: `<url>[@<ref>]` or `<id>[@<version>]`; undefined when it is neither. */
export function nodeOf(word: string): Candidate | undefined {
  if (/\s/.test(word)) return undefined;
  if (/^[a-z][a-z0-9+.-]*:\/\/|^[^/:@]+@[^/:]+:|^\.{0,2}\//i.test(word)) {
    const { repo: written, ...pin } = splitRepository(word);
    const repo = withoutUserinfo(written);
    const line =
      pin.commit !== undefined
        ? taken(titleOf(repo, short(pin.commit)), 'from git, at its commit')
        : pin.ref !== undefined
          ? taken(titleOf(repo, pin.ref), 'from git, at what this is when it is validated')
          : guessed(titleOf(repo), 'from git, at its default branch: no commit is named');
    return { entry: { repo, ...pin }, line };
  }
  const [, id, version] = /^([A-Za-z0-9][\w.-]*)(?:@(\S+))?$/.exec(word) ?? [];
  if (id === undefined) return undefined;
  if (version === undefined)
    return { entry: { id }, line: guessed(`node ${id}`, 'from the registry, its latest release: no version is named') };
  return { entry: { id, version }, line: taken(`node ${id} ${version}`, 'from the registry') };
}

/** Reads a list of nodes, one a line. Throws on lines that are none, all in one failure. */
export function readNodeList(text: string, file: string): Found {
  const findings: Findings = { problems: [], warnings: [] };
  const nodes = wordsOf(text).map(({ line, word }) => {
    const place: Place = { file, at: `line ${line}` };
    const node = nodeOf(word);
    if (node === undefined) addProblem(findings, place, 'Expected `<url>@<ref>` or `<id>@<version>`');
    return node;
  });
  refuseProblems(findings);
  return { ...nothing, nodes: nodes.filter((node) => node !== undefined) };
}
