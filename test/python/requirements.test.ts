import { expect, test } from 'vitest';

import { Failed, type Failure } from '#engine';
import { readRequirements, surveyRequirements } from '../../tasks/tools/python/requirements.ts';

const lines = (text: string): readonly string[] =>
  readRequirements(text, 'requirements.txt').requirements.map(({ line }) => line);

function failureOf(text: string): Failure {
  try {
    lines(text);
  } catch (error) {
    if (error instanceof Failed) return error.failure;
    throw error;
  }
  throw new Error(`${text} was accepted`);
}

const hash = 'a'.repeat(64);

test.for([
  ['numpy', 'numpy'],
  ['  numpy >= 1.26 , < 3  # why', 'numpy>=1.26,<3'],
  ['numpy (>=1.26)', 'numpy>=1.26'],
  ['protobuf>=3.20,<6,', 'protobuf>=3.20,<6'],
  ['Demo.Lib[ A , b_c ]==1.*', 'Demo.Lib[a,b-c]==1.*'],
  ['torch==2.3.0+cu121; sys_platform == "linux"', 'torch==2.3.0+cu121 ; sys_platform == "linux"'],
  ['a~=1.0 ; python_version<"3.12" and extra!="x"', 'a~=1.0 ; python_version<"3.12" and extra!="x"'],
  ['x @ https://host/x-1-py3-none-any.whl', 'x @ https://host/x-1-py3-none-any.whl'],
  [
    'x@https://host/x-1-py3-none-any.whl?a;b ; os_name=="posix"',
    'x @ https://host/x-1-py3-none-any.whl?a;b ; os_name=="posix"',
  ],
  ['https://host/demo_lib-1%2Bcpu-py3-none-any.whl', 'demo_lib @ https://host/demo_lib-1%2Bcpu-py3-none-any.whl'],
  [
    `a==1 --hash=sha256:${hash.toUpperCase()} \\\n  --hash sha256:${hash}`,
    `a==1 --hash=sha256:${hash} --hash=sha256:${hash}`,
  ],
  ['# only a comment', undefined],
  ['', undefined],
] as const)('%j is read as %j', ([text, line]) => {
  expect(lines(text)).toEqual(line === undefined ? [] : [line]);
});

test('a file has a byte order mark, ends of lines of every kind, continued lines and comments in between', () => {
  const text = '\uFEFFa\r\n\r\n# c \\\nb>=1,\\\n  <2\rx @ https://host/x-1-py3-none-any.whl#part # why\n';
  expect(readRequirements(text, 'x').requirements.map(({ line, number }) => [number, line])).toEqual([
    [1, 'a'],
    [4, 'b>=1,<2'],
    [6, 'x @ https://host/x-1-py3-none-any.whl#part'],
  ]);
});

test('flags that change nothing in a new environment are left out, and said', () => {
  const text =
    'numpy --upgrade\n--force-reinstall\n--only-binary :all: a\n--no-cache-dir --upgrade-strategy=eager b -U';
  const { requirements, dropped } = readRequirements(text, 'node/requirements.txt');
  expect(requirements.map(({ line }) => line)).toEqual(['numpy', 'a', 'b']);
  expect(dropped).toEqual([
    'node/requirements.txt, line 1: --upgrade is left out, it changes nothing here',
    'node/requirements.txt, line 2: --force-reinstall is left out, it changes nothing here',
    'node/requirements.txt, line 3: --only-binary is left out, it changes nothing here',
    'node/requirements.txt, line 4: --no-cache-dir --upgrade-strategy -U is left out, it changes nothing here',
  ]);
});

test.for([
  '--index-url https://user:secret@host/simple',
  '-i https://host/simple',
  '--extra-index-url=https://host/simple',
  '--find-links ./wheels',
  '--trusted-host host',
  '--no-deps',
  '--pre',
  '-r other.txt',
  '-rother.txt',
  '-c constraints.txt',
  '-e .',
  '--editable=git+https://host/x',
  'numpy --index-url=https://host/simple',
  '.',
  './local',
  '/absolute/x-1-py3-none-any.whl',
  '~/x',
  'file:///x-1-py3-none-any.whl',
  'x @ file:///x-1-py3-none-any.whl',
  'x @ ./x-1-py3-none-any.whl',
  'x @ https://me:secret@host/x-1-py3-none-any.whl',
  'git+https://me:secret@host/x.git',
  'git+file:///x',
  'git+git://host/x',
  'x @ ssh://git@host/x.tar.gz',
  'x @ https://host/x',
  'x @ git+https://host/x#subdirectory=../y',
  'https://me:secret@host/archive.zip',
  'x==${SECRET}',
  'x==1 --hash=md5:0123',
])('%s is refused, with its line', (text) => {
  const failure = failureOf(`fine\n\n${text}`);
  expect(failure).toMatchObject({
    kind: 'refused',
    what: expect.stringMatching(/^line 3 of requirements\.txt \(/) as string,
  });
  expect(JSON.stringify(failure)).not.toContain('secret');
});

test.for(['numpy 1.26', 'numpy=1.26', '>=1', 'a b', 'a[', 'a==1,,==2', 'import os; os.remove("x")', 'a==1 c'])(
  '%s is no requirement',
  (text) => {
    expect(failureOf(text)).toMatchObject({ kind: 'document', file: 'requirements.txt', at: 'line 1' });
  },
);

test.for([
  ['git+https://host/x.git', undefined, { kind: 'git', repo: 'https://host/x.git' }],
  [
    'git+https://host/x@v1.0#egg=Demo_Lib&subdirectory=python',
    'demo-lib',
    { kind: 'git', repo: 'https://host/x', ref: 'v1.0', subdirectory: 'python' },
  ],
  [
    'x[a] @ git+ssh://git@host/org/x.git@feature/y',
    'x',
    { kind: 'git', repo: 'ssh://git@host/org/x.git', ref: 'feature/y' },
  ],
  ['x @ https://host/x-1.tar.gz', 'x', { kind: 'archive', url: 'https://host/x-1.tar.gz' }],
  [
    'https://host/archive/main.zip#subdirectory=a/b/',
    undefined,
    { kind: 'archive', url: 'https://host/archive/main.zip', subdirectory: 'a/b' },
  ],
  [
    'https://host/demo_lib-1%2Bcpu-py3-none-any.whl',
    'demo-lib',
    { kind: 'wheel', url: 'https://host/demo_lib-1%2Bcpu-py3-none-any.whl' },
  ],
] as const)('%s comes from its own place', ([text, name, source]) => {
  const [requirement] = readRequirements(text, 'requirements.txt').requirements;
  expect(requirement?.name).toBe(name);
  expect(requirement?.source).toEqual(source);
});

test('a hash in an address is one of its hashes, and a condition behind it is kept', () => {
  const [requirement] = readRequirements(
    `x @ https://host/x-1.tar.gz#sha256=${hash} ; os_name == "posix"`,
    'x',
  ).requirements;
  expect(requirement).toMatchObject({ hashes: [hash], marker: 'os_name == "posix"' });
});

test('a survey goes on after what is refused, and names the package where it can', () => {
  const { requirements, refused } = surveyRequirements(
    'fine\n-e git+https://host/x#egg=Demo_X\n--index-url https://host/simple\ny @ file:///y\nnumpy 1.26\nlast',
    'requirements.txt',
  );
  expect(requirements.map(({ line }) => line)).toEqual(['fine', 'last']);
  expect(refused.map(({ number, name }) => [number, name])).toEqual([
    [2, 'demo-x'],
    [3, undefined],
    [4, 'y'],
    [5, 'numpy'],
  ]);
});
