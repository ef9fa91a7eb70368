import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { parseArguments } from '../../pipelines/cli/arguments.ts';
import { helpFor, overview } from '../../pipelines/cli/help.ts';
import type { Verb } from '../../pipelines/cli/verb.ts';
import { type VerbName, verbs } from '../../pipelines/cli/verbs.ts';

const names = Object.keys(verbs) as VerbName[];

test('the overview', () => {
  expect(overview()).toMatchInlineSnapshot(`
    "pipeline: ComfyUI environments as code. A version in, the same directory out.

      realize      Make a working ComfyUI directory, exactly as the lockfile says
      validate     Resolve a version: check it, pin all of it, write its lockfile
      create       Write a version: from flags, or from what there is already
      delete       Delete what was realized, and nothing else; say what stays
      image        Write a version as a container image, a layer for each part
      run-ui       Realize a version, then run ComfyUI in it
      run-handler  Realize a version, run workflows in it, print what they make
      status       Say what is realized here, and what of it has changed since
      verify       Read every file of a target, and all of the store behind it
      repair       Put right what is wrong in a target, and nothing else
      history      List what a target was made by, and what changed each time
      rollback     Make a target what it was before, without network
      diff         Say how two versions, lockfiles, or pages of a history differ
      node         Install, update, uninstall, list packs of any ComfyUI directory
      why          Say why a step runs: which inputs changed since it was built
      report       Write a page about the last run: what, when, how long, why
      cache        Measure what is cached, check it, clean it up
      doctor       Say what this machine lacks for realizing, and what to do

    Also: export, clone, pack, unpack, graph, key, completion.
    pipeline <verb> --help says more. For example: pipeline realize demo
    "
  `);
});

test.for(['overview', ...names])('help fits a screen: %s', (name) => {
  const lines = (name === 'overview' ? overview() : helpFor(name as VerbName)).trimEnd().split('\n');
  expect(lines.length).toBeLessThan(24);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(80);
});

test.for(names)('help tells every flag of %s, and its example is one', (name) => {
  const { flags, realizes, example }: Verb = verbs[name];
  const told = realizes ? helpFor(name) + helpFor('realize') : helpFor(name);
  for (const flag of Object.keys(flags)) expect(told).toMatch(new RegExp(` --${flag}[ ,.]`));
  const [command = ''] = example.split(' | ');
  expect(parseArguments(command.split(' ').slice(1))).toMatchObject({ kind: 'run', verb: name });
});

test('parsing and help load nothing but each other', () => {
  const loaded = new Set<string>();
  const visit = (file: URL): void => {
    if (loaded.has(file.href)) return;
    loaded.add(file.href);
    if (file.protocol !== 'file:') return;
    for (const [, from] of readFileSync(file, 'utf8').matchAll(/^import (?!type ).*? from '(.+)';$/gm))
      visit(from!.startsWith('.') ? new URL(from!, file) : new URL(`package:${from}`));
  };
  visit(new URL('../../pipelines/cli/arguments.ts', import.meta.url));
  visit(new URL('../../pipelines/cli/help.ts', import.meta.url));
  expect([...loaded].map((href) => href.replace(/.*\//, '')).toSorted()).toEqual([
    'arguments.ts',
    'help.ts',
    'living-verbs.ts',
    'making-verbs.ts',
    'nearest.ts',
    'package:node:util',
    'realizing-flags.ts',
    'verbs.ts',
  ]);
});
