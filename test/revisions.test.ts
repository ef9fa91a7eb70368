import { hash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { expect, test } from 'vitest';

/**
 * What a task does is part of the meaning of its cached answers. Whoever changes one either raises its revision, or
 * updates this snapshot and so declares that old answers are still the right ones.
 */
test('a changed task was either given a new revision or declared equivalent', () => {
  const seen = globSync('tasks/*.ts')
    .toSorted()
    .flatMap((file) => {
      const code = stripTypeScriptTypes(readFileSync(file, 'utf8')).replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, '');
      const revision = /revision: (\d+)/.exec(code)?.[1];
      const content = code.replaceAll(/\s+/g, ' ');
      return revision === undefined ? [] : [`${file} r${revision} ${hash('sha256', content).slice(0, 12)}`];
    });
  expect(seen.join('\n')).toMatchSnapshot();
});
