import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { renderManifest, sha256Of, type Tree } from '#cache';
import { describe, expect, test } from 'vitest';

import { endBytes, paddingOf, readHeader } from '../../tasks/tools/bundle/tar.ts';
import { temporary } from '../cache/rig.ts';
import { failureOf, isEmpty, machine, type Member, membersOf, packed, tarOf } from './rig.ts';

const without = (members: readonly Member[], name: string): Member[] => members.filter(([each]) => each !== name);
const replaced = (members: readonly Member[], name: string, content: string | Buffer): Member[] => [
  ...without(members, name),
  [name, content],
];
const named = (members: readonly Member[], start: string): string =>
  members.find(([name]) => name.startsWith(start))![0];

/** A bundle around one tree whose manifest is this text. */
const around = (manifest: string, files: readonly string[] = []): Buffer => {
  const key = sha256Of('k');
  const tree = `tree:${sha256Of(manifest)}` as Tree;
  return tarOf([
    ['bundle.json', '{"format":1,"version":"v"}'],
    [`answers/${key}.json`, JSON.stringify({ key, task: 't', input: {}, output: { tree } })],
    [`trees/${sha256Of(manifest)}`, manifest],
    ...files.map((text): Member => [`files/${sha256Of(text)}`, text]),
  ]);
};
const fileEntry = (path: string, text = 'x') =>
  ({ type: 'file', path, mode: 0o644, size: Buffer.byteLength(text), sha256: sha256Of(text) }) as const;
const changed = (members: readonly Member[], name: string, change: (bytes: Buffer) => Buffer): Buffer =>
  tarOf(replaced(members, name, change(Buffer.from(members.find(([each]) => each === name)![1]))));
const flipped = (bytes: Buffer): Buffer =>
  bytes.length === 0 ? Buffer.from('x') : Buffer.from(bytes.map((byte) => byte ^ 1));
const swapped = (bytes: Buffer): Buffer => {
  const { size } = readHeader(bytes.subarray(0, 512))!;
  const first = 512 + size + paddingOf(size);
  return Buffer.concat([bytes.subarray(first, -endBytes), bytes.subarray(0, first), Buffer.alloc(endBytes)]);
};

describe('a hostile bundle is refused, and leaves nothing behind', () => {
  const cases: Readonly<Record<string, (file: string, members: readonly Member[]) => Buffer>> = {
    'a file that is not what its name says': (_, members) =>
      changed(members, named(members, 'files/'), (bytes) => flipped(bytes)),
    'a file of another size': (_, members) => tarOf(replaced(members, `files/${sha256Of('a model')}`, 'a model!')),
    'a manifest that is not what its name says': (_, members) =>
      changed(members, named(members, 'trees/'), (bytes) => Buffer.concat([bytes, bytes])),
    'an answer to another question': (_, members) =>
      changed(members, named(members, 'answers/'), (bytes) =>
        Buffer.from(bytes.toString().replace(/"key":"./, '"key":"0')),
      ),
    'an answer that names what is not in it': (_, members) => tarOf(without(members, `files/${sha256Of('a model')}`)),
    'no manifest of a tree': (_, members) => tarOf(without(members, named(members, 'trees/'))),
    'a file that nothing names': (_, members) => tarOf([...members, [`files/${sha256Of('stowaway')}`, 'stowaway']]),
    'a member that has no place in it': (_, members) => tarOf([...members, ['../../etc/passwd', 'root']]),
    'an absolute path': (_, members) => tarOf([...members, ['/etc/passwd', 'root']]),
    'a member that is twice in it': (_, members) => tarOf([...members, members[0]!]),
    'members out of order': (file) => swapped(readFileSync(file)),
    'no card': (_, members) => tarOf(without(members, 'bundle.json')),
    'a format of tomorrow': (_, members) => tarOf(replaced(members, 'bundle.json', '{"format":2,"version":"v"}')),
    'a card that is no JSON': (_, members) => tarOf(replaced(members, 'bundle.json', '{')),
    'a card with more to say': (_, members) =>
      tarOf(replaced(members, 'bundle.json', '{"format":1,"version":"v","run":"x"}')),
    'a card with __proto__': (_, members) =>
      tarOf(replaced(members, 'bundle.json', '{"format":1,"version":"v","__proto__":{}}')),
    'an early end': (file) => readFileSync(file).subarray(0, -endBytes - 512),
    'half of it': (file) => readFileSync(file).subarray(0, statSync(file).size / 2),
    'more after its end': (file) => Buffer.concat([readFileSync(file), Buffer.alloc(512, 'x')]),
    nothing: () => Buffer.alloc(0),
    'a page': () => Buffer.from('<!DOCTYPE html><title>Sign in</title>'),
    'a path that leads out': () => around('["file","../out",420,1,"' + sha256Of('x') + '"]\n', ['x']),
    'an absolute path in a tree': () => around('["file","/tmp/out",420,1,"' + sha256Of('x') + '"]\n', ['x']),
    'a file below a link': () =>
      around(renderManifest([{ type: 'link', path: 'a', to: '/tmp' }, fileEntry('a/out')]), ['x']),
    'a link below a link': () =>
      around(
        renderManifest([
          { type: 'link', path: 'a', to: '/tmp' },
          { type: 'link', path: 'a/b', to: 'c' },
        ]),
      ),
    'a directory below a file': () =>
      around(renderManifest([fileEntry('a'), { type: 'directory', path: 'a/b' }]), ['x']),
    'a name with NUL': () => around(renderManifest([fileEntry('a\0b')]), ['x']),
    'a name that no disk holds': () => around(renderManifest([fileEntry('n'.repeat(300))]), ['x']),
    'a manifest out of order': () =>
      around(
        renderManifest([fileEntry('b'), fileEntry('a')])
          .split('\n')
          .toReversed()
          .join('\n')
          .trim() + '\n',
        ['x'],
      ),
    'a mode with setuid': () => around('["file","a",2541,1,"' + sha256Of('x') + '"]\n', ['x']),
  };
  test.each(Object.keys(cases))('%s', async (name) => {
    const file = await packed();
    const [there, bad] = [machine(), join(temporary(), 'bad.tar')];
    writeFileSync(bad, cases[name]!(file, membersOf(file)));
    expect(await failureOf(there.bundles.read(bad))).toMatchObject({ kind: 'refused' });
    expect(isEmpty(there)).toBe(true);
  });

  test.each([
    ['a link', ['-cf'], (directory: string) => symlinkSync('/etc/passwd', join(directory, 'files'))],
    [
      'a hard link',
      ['-cf'],
      (directory: string) => execFileSync('ln', [join(directory, 'bundle.json'), join(directory, 'files')]),
    ],
    ['a directory', ['-cf'], (directory: string) => mkdirSync(join(directory, 'files'))],
    ['a device', ['-cf'], (directory: string) => execFileSync('mkfifo', [join(directory, 'files')])],
    ['what tar itself writes', ['-cf'], () => {}],
    ['a compressed one', ['-czf'], () => {}],
  ])('%s', async (_, flags, add) => {
    const [directory, there, bad] = [temporary(), machine(), join(temporary(), 'bad.tar')];
    writeFileSync(join(directory, 'bundle.json'), '{"format":1,"version":"v"}');
    add(directory);
    execFileSync('tar', [...flags, bad, '-C', directory, ...readdirSync(directory)]);
    expect(await failureOf(there.bundles.read(bad))).toMatchObject({ kind: 'refused' });
    expect(isEmpty(there)).toBe(true);
  });
});
