/** What expressions of a workflow see, by name: `{ inputs: { version: 'demo' } }`. */
export type Contexts = Readonly<Record<string, unknown>>;

/** A text of a workflow with its `${{ ... }}` filled in. */
export const interpolate = (text: string, contexts: Contexts): string =>
  text.replaceAll(/\$\{\{(.*?)\}\}/gs, (_, expression: string) => textOf(evaluate(expression, contexts)));

/** The value of an expression of GitHub Actions: names, texts, `==`, `!=`, `&&`, `||`, parentheses. Throws at anything else. */
export function evaluate(expression: string, contexts: Contexts): unknown {
  const tokens = [...expression.matchAll(/\s*('(?:[^']|'')*'|[\w-]+(?:\.[\w-]+)*|==|!=|&&|\|\||[()])|(\S)/g)].map(
    ([, token, strange]) => {
      if (strange !== undefined) throw new Error(`${strange} in ${expression}`);
      return token!;
    },
  );
  const primary = (): unknown => {
    const token = tokens.shift();
    if (token === undefined || /^(?:==|!=|&&|\|\||\))$/.test(token)) throw new Error(`No value in ${expression}`);
    if (token === '(') {
      const value = or();
      if (tokens.shift() !== ')') throw new Error(`No ) in ${expression}`);
      return value;
    }
    return token.startsWith("'") ? token.slice(1, -1).replaceAll("''", "'") : lookUp(token, contexts);
  };
  const equal = (): unknown => {
    const left = primary();
    if (tokens[0] !== '==' && tokens[0] !== '!=') return left;
    return (tokens.shift() === '==') === (textOf(left).toLowerCase() === textOf(primary()).toLowerCase());
  };
  const and = (): unknown => {
    let left = equal();
    while (tokens[0] === '&&') {
      tokens.shift();
      const right = equal();
      left = left ? right : left;
    }
    return left;
  };
  const or = (): unknown => {
    let left = and();
    while (tokens[0] === '||') {
      tokens.shift();
      const right = and();
      left = left ? left : right;
    }
    return left;
  };
  const value = or();
  if (tokens.length > 0) throw new Error(`${tokens.join(' ')} is left of ${expression}`);
  return value;
}

/** A name that is not there is nothing, as it is to GitHub; but its context must be one. */
function lookUp(name: string, contexts: Contexts): unknown {
  const [context, ...path] = name.split('.');
  if (!Object.hasOwn(contexts, context!)) throw new Error(`There is no context ${context}`);
  return path.reduce<unknown>(
    (value, part) => (value as Readonly<Record<string, unknown>> | undefined)?.[part],
    contexts[context!],
  );
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'boolean' ? String(value) : '';
