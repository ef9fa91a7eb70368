import { expect, test } from 'vitest';

import { entryPointScript, movableScript, parseEntryPoints, pipCommands } from '../../tasks/tools/python/scripts.ts';

test('parseEntryPoints() reads the commands and leaves the rest', () => {
  const text = [
    '# a comment',
    '[console_scripts]',
    'demo = demo.cli:main',
    'demo-old=demo : Main.run [fancy]',
    '; another',
    '',
    '[ gui_scripts ]',
    'demo = demo.gui:main',
    'Démo = dèmo.größe:x',
    '[demo.plugins]',
    'anything = goes; here',
  ];
  // A name outside ASCII is no file name to rely on.
  expect(() => parseEntryPoints(text.join('\r\n'), 'demo.whl')).toThrow('Démo');
  expect(parseEntryPoints(text.join('\r\n').replace('Démo', 'grösse'.replace('ö', 'o')), 'demo.whl')).toEqual([
    { name: 'demo', module: 'demo.gui', attribute: 'main' },
    { name: 'demo-old', module: 'demo', attribute: 'Main.run' },
    { name: 'grosse', module: 'dèmo.größe', attribute: 'x' },
  ]);
});

test('pip is there under the version of its Python, whichever commands it declares', () => {
  const declared = parseEntryPoints(
    '[console_scripts]\npip = p:main\npip3 = p:main\npip3.9 = p:main\npipe = p:x',
    'pip.whl',
  );
  const names = pipCommands(declared, '3.11').map(({ name, attribute }) => `${name} ${attribute}`);
  expect(names).toEqual(['pipe x', 'pip main', 'pip3 main', 'pip3.11 main']);
  expect(pipCommands([], '3.11')).toEqual([]);
});

test.for([
  '../evil = a:b',
  '/bin/evil = a:b',
  'a/b = a:b',
  'a\\b = a:b',
  '.. = a:b',
  '. = a:b',
  ' = a:b',
  'x = a',
  'x = :b',
  'x',
  'x = a:b; import os',
  'x = a.:b',
  'x = a b:c',
  'x = os:system("x")',
  "x = a:b'''",
  'x = 1a:b',
])('the command %j is refused', (line) => {
  expect(() => parseEntryPoints(`[console_scripts]\n${line}\n`, 'demo.whl')).toThrow(
    'Refused demo.whl: it declares a command',
  );
});

const movable = (text: string): string => movableScript(Buffer.from(text)).toString();

test('a script is made movable when it asks for the Python it is installed for', () => {
  const [head, ...rest] = movable('#!python -u\r\n# -*- coding: latin-1 -*-\nprint(1)\n').split('\n');
  expect(head).toMatch(/^#!\/usr\/bin\/env -S sh -c 'exec .*\/python" "\$0" "\$@"'$/);
  // What a kernel reads of a first line.
  expect(head!.length).toBeLessThan(127);
  expect(rest).toEqual(['# -*- coding: latin-1 -*-', 'print(1)', '']);
  expect(movable('#!pythonw')).toBe(`${head}\n`);
  for (const other of ['#!/bin/sh\necho\n', '#!/usr/bin/env python3\n', 'print(1)\n', '', '\u0000\u0001ELF'])
    expect(movable(other)).toBe(other);
});

test('the script of an entry point imports the outermost name alone', () => {
  expect(entryPointScript({ name: 'x', module: 'demo.cli', attribute: 'Main.run' })).toContain(
    "from demo.cli import Main\n\nif __name__ == '__main__':\n    sys.exit(Main.run())\n",
  );
});
