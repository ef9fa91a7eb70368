/** A variable of a git configuration file: section and name in lower case, the part in quotes as it is. */
interface Variable {
  readonly section: string;
  readonly part: string;
  readonly name: string;
  readonly value: string;
}

const header = /^\s*\[\s*([\w.-]+)\s*(?:"((?:[^"\\]|\\.)*)"\s*)?\]/;

/** Reads the text of a git configuration file, in order. What git would not understand is left out; includes are not followed. */
export function readConfig(text: string): readonly Variable[] {
  const variables: Variable[] = [];
  let [section, part] = ['', ''];
  for (let rest of logicalLines(text)) {
    const [whole, named, quoted] = header.exec(rest) ?? [];
    if (whole !== undefined && named !== undefined) {
      const [first = '', dotted = ''] = named.split(/\.(.*)/s);
      [section, part] = [first.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? dotted];
      rest = rest.slice(whole.length);
    }
    const [, name, value] = /^\s*([A-Za-z][A-Za-z0-9-]*)\s*(?:=(.*))?$/.exec(rest) ?? [];
    if (name !== undefined)
      variables.push({ section, part, name: name.toLowerCase(), value: valueOf(value ?? 'true') });
  }
  return variables;
}

/** Lines; a backslash at the end continues one. */
const logicalLines = (text: string): readonly string[] =>
  text
    .replace(/^\uFEFF/, '')
    .replaceAll(/\\\r?\n/g, '')
    .split(/\r?\n/);

/** Without the quotes, the comment and the space around it. */
function valueOf(text: string): string {
  const parts = text.match(/"(?:[^"\\]|\\.)*"?|\\.|[^"\\]/gs) ?? [];
  let [value, kept] = ['', 0];
  for (const part of parts) {
    if (part === '#' || part === ';') break;
    const quoted = part.startsWith('"');
    value += unescaped(quoted ? part.replaceAll(/^"|(?<!\\)"$/g, '') : part);
    if (quoted || !/\s/.test(part)) kept = value.length;
    else if (value.trim() === '') value = '';
  }
  return value.slice(0, kept);
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', b: '\b' };

const unescaped = (text: string): string =>
  text.replaceAll(/\\(.)/gs, (_, letter: string) => escapes[letter] ?? letter);
