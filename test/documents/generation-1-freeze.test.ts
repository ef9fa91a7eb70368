import { expect, test } from 'vitest';

import { named, read, type Row } from './generation-1.ts';

const rows: readonly Row[] = [
  [
    'packages',
    {
      python: {
        packages: [
          { name: 'PyYAML', version: '6.0.2', url: null },
          {
            name: 'torch',
            version: '2.3.0+cu124',
            url: 'https://host.example/torch-2.3.0%2Bcu124-cp311-cp311-linux_x86_64.whl',
          },
          { name: 'bare', version: null },
          { name: 'triton', version: '3.0 ; platform_machine == "x86_64"' },
          { name: 'hashed', version: `1.0 --hash=sha256:${'a'.repeat(64)}` },
          { name: 'exact', version: '=1.0' },
        ],
      },
    },
    {
      python: {
        packages: [
          'PyYAML==6.0.2',
          'torch @ https://host.example/torch-2.3.0%2Bcu124-cp311-cp311-linux_x86_64.whl',
          'bare',
          'triton==3.0 ; platform_machine == "x86_64"',
          `hashed==1.0 --hash=sha256:${'a'.repeat(64)}`,
          'exact===1.0',
        ],
      },
    },
  ],
  [
    'a version of Python',
    { python: { version: '3.11.9', interpreter: null, packages: [] } },
    { python: { version: '3.11' } },
  ],
  [
    'an interpreter',
    { python: { interpreter: '/usr/bin/python3.11', packages: [{ name: 'a', version: '1' }] } },
    { python: { packages: ['a==1'] } },
    ['python.interpreter: Not used, as a version has an environment of its own: /usr/bin/python3.11'],
  ],
  [
    'a freeze of macOS',
    {
      python: {
        interpreter: '/Users/a/.venv/bin/python',
        packages: [
          { name: 'torch', version: '2.2.2' },
          { name: 'pyobjc-core', version: '10.3' },
        ],
      },
    },
    { python: { packages: ['torch==2.2.2', 'pyobjc-core==10.3 ; sys_platform == "darwin"'] } },
    [
      'python.interpreter: Not used, as a version has an environment of its own: /Users/a/.venv/bin/python',
      'python.packages: Frozen on macOS, it seems (its interpreter is below /Users; pyobjc-core is for macOS alone; torch 2.2.2 has no CUDA tag): the pins stay, and are resolved for the machine that validates',
    ],
  ],
  [
    'a freeze with a Homebrew interpreter, and CUDA all the same',
    { python: { interpreter: '/opt/homebrew/bin/python3', packages: [{ name: 'torch', version: '2.2.2+cu121' }] } },
    { python: { packages: ['torch==2.2.2+cu121'] } },
    [
      'python.interpreter: Not used, as a version has an environment of its own: /opt/homebrew/bin/python3',
      'python.packages: Frozen on macOS, it seems (its interpreter is below /opt/homebrew): the pins stay, and are resolved for the machine that validates',
    ],
  ],
  [
    'a freeze without CUDA',
    { python: { packages: [{ name: 'torch', version: '2.2.2' }] } },
    { python: { packages: ['torch==2.2.2'] } },
    [
      'python.packages: Frozen without CUDA, it seems (torch 2.2.2 has no CUDA tag): the pins stay, and are resolved for the machine that validates',
    ],
  ],
  [
    'a freeze of Linux whose torch has no tag, but CUDA beside it',
    {
      python: {
        packages: [
          { name: 'torch', version: '2.8.0' },
          { name: 'nvidia-cublas-cu12', version: '12.8.4.1' },
        ],
      },
    },
    { python: { packages: ['torch==2.8.0', 'nvidia-cublas-cu12==12.8.4.1'] } },
  ],
  [
    'wheels of another machine',
    {
      python: {
        packages: [
          { name: 'six', version: null, url: 'file:///croot/six_1644875935023/work' },
          { name: 'a-b', version: '1.0', url: 'file:///Users/a/a_b-1.0-py3-none-any.whl' },
          { name: 'mac', version: null, url: 'https://host.example/mac-2.1-cp311-cp311-macosx_11_0_arm64.whl' },
        ],
      },
    },
    { python: { packages: ['six', 'a-b==1.0', 'mac==2.1'] } },
    [
      'python.packages: Frozen on macOS, it seems (mac is for macOS alone): the pins stay, and are resolved for the machine that validates',
      'python.packages[0].url: Not used, as other machines have no such file: six is taken instead of file:///croot/six_1644875935023/work',
      'python.packages[1].url: Not used, as other machines have no such file: a-b==1.0 is taken instead of file:///Users/a/a_b-1.0-py3-none-any.whl',
      'python.packages[2].url: Not used, as other machines have no such file: mac==2.1 is taken instead of https://host.example/mac-2.1-cp311-cp311-macosx_11_0_arm64.whl',
    ],
  ],
];

test.each(named(rows))('a generation 1 lock with $title', ({ says, becomes, warnings }) => {
  const { version, warnings: told } = read(says);
  expect(version).toMatchObject(becomes);
  expect(told).toEqual(warnings);
});
