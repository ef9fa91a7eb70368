import { describe, expect, test } from 'vitest';

import { parseArguments } from '../../pipelines/cli/arguments.ts';
import type { Verb } from '../../pipelines/cli/verb.ts';
import { verbs } from '../../pipelines/cli/verbs.ts';

const parse = (line: string) => parseArguments(line.split(' ').filter(Boolean));

describe('a command line that makes sense', () => {
  test.for([
    ['realize demo', ['demo'], {}],
    ['realize --version-id demo', ['demo'], { 'version-id': 'demo' }],
    ['realize demo --version-id demo', ['demo'], { 'version-id': 'demo' }],
    ['realize --spec versions/demo.json', [], { spec: 'versions/demo.json' }],
    ['realize demo --spec versions/demo.json', ['demo'], { spec: 'versions/demo.json' }],
    ['realize demo --target=/t --jobs 4 --offline', ['demo'], { target: '/t', jobs: 4, offline: true }],
    ['realize --target=-odd demo', ['demo'], { target: '-odd' }],
    ['realize demo --target /a --target /b', ['demo'], { target: '/b' }],
    ['realize demo --installer uv', ['demo'], { installer: 'uv' }],
    ['validate demo --update', ['demo'], { update: [] }],
    ['validate --update demo', ['demo'], { update: [] }],
    ['validate demo --update foo bar --json', ['demo'], { update: ['foo', 'bar'], json: true }],
    ['validate demo --update=foo --update bar', ['demo'], { update: ['foo', 'bar'] }],
    ['why demo fetch-node comfyui-foo', ['demo', 'fetch-node', 'comfyui-foo'], {}],
    ['graph demo --format dot', ['demo'], { format: 'dot' }],
  ] as const)('%s', ([line, positionals, flags]) => {
    expect(parse(line)).toEqual({ kind: 'run', verb: line.split(' ')[0], positionals, flags, rest: [] });
  });

  test.for([
    ['', { kind: 'help' }],
    ['-h', { kind: 'help' }],
    ['--help', { kind: 'help' }],
    ['help realize', { kind: 'help', verb: 'realize' }],
    ['realize demo --jobs 2 -h', { kind: 'help', verb: 'realize' }],
    ['-V', { kind: 'version' }],
    ['--version', { kind: 'version' }],
  ] as const)('%s asks for words only', ([line, asked]) => {
    expect(parse(line)).toEqual(asked);
  });
});

describe('a command line that makes none says what to write', () => {
  test.for([
    ['realise demo', 'There is no verb realise', 'did you mean realize?'],
    ['constructor demo', 'There is no verb constructor', '`pipeline --help` says what there is'],
    ['--offline realize demo', '--offline comes before the verb', 'write `pipeline <verb> ... --offline`'],
    ['realize demo --ofline', 'realize has no flag --ofline', 'did you mean --offline?'],
    ['realize demo --version', 'realize has no flag --version', 'did you mean --version-id?'],
    ['realize demo --nonsense', 'realize has no flag --nonsense', '`pipeline realize --help` says what there is'],
    ['realize demo --__proto__', 'realize has no flag --__proto__', '`pipeline realize --help` says what there is'],
    ['realize demo --jobs 0', '--jobs cannot be 0', 'choose a whole number from 1 to 256'],
    ['realize demo --jobs 1.5', '--jobs cannot be 1.5', 'choose a whole number from 1 to 256'],
    ['realize demo --jobs 257', '--jobs cannot be 257', 'choose a whole number from 1 to 256'],
    ['realize demo --target', '--target needs a value', '`pipeline realize --help` says what there is'],
    ['realize demo --target=', '--target needs a value', '`pipeline realize --help` says what there is'],
    ['realize demo --target --json', '--target needs a value', 'if --json is the value, write --target=--json'],
    ['realize demo --json=yes', '--json takes no value', '`pipeline realize --help` says what there is'],
    ['node instal x', 'node has no instal', 'did you mean install?'],
    ['completion tcsh', 'completion has no tcsh', 'choose one of bash, zsh, fish'],
    ['graph demo --format svg', '--format cannot be svg', 'choose one of mermaid, dot'],
    ['graph demo --format mermade', '--format cannot be mermade', 'did you mean mermaid?'],
    ['realize', 'realize needs a version', 'write `pipeline realize <id>`'],
    ['validate', 'validate needs <id>', 'write `pipeline validate <id>`'],
    ['validate a b', 'validate takes <id>, and was given a b', '`pipeline validate --help` says what there is'],
    ['realize a --version-id b', 'realize makes one version, and was given a and b', 'name it once'],
    ['realize a --spec x/b.json', 'realize makes one version, and was given a and b', 'name it once'],
    ['realize demo -- --port', 'realize takes nothing after --', '`pipeline realize --help` says what there is'],
  ] as const)('%s', ([line, problem, hint]) => {
    expect(parse(line)).toEqual({ kind: 'usage', problem, hint });
  });
});

test('a verb that takes a rest is given what follows --, flags of ours among it', () => {
  const serve: Verb = { ...verbs.realize, rest: 'arguments of main.py' };
  expect(parseArguments(['serve', 'demo', '--offline', '--', '--offline', 'x', '--'], { serve })).toEqual({
    kind: 'run',
    verb: 'serve',
    positionals: ['demo'],
    flags: { offline: true },
    rest: ['--offline', 'x', '--'],
  });
});
