import { appendFileSync, lstatSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { glanceAt, openGlance } from '../../tasks/tools/site/glance.ts';
import { layoutOf } from '../../tasks/tools/site/layout.ts';
import { openLookout } from '../../tasks/tools/site/lookout.ts';
import { lookedThrough, lookOn, portionsOf, type Watch } from '../../tasks/tools/site/portions.ts';
import { openReceipts } from '../../tasks/tools/site/receipts.ts';
import { openRig, type Rig } from './rig.ts';

/** The line of a listing for a file that is there. */
function lineOf(base: string, path: string): string {
  const { size, mtimeMs, ino } = lstatSync(join(base, path));
  return `f\t${size}\tsha\t${mtimeMs}\t${ino}\t-\t${path}\n`;
}

/** A watch of a listing with nothing looked at yet. */
function watchOf(rig: Rig, text: string): Watch {
  const file = join(rig.root, 'listing');
  writeFileSync(file, text);
  const states = new Int32Array(new SharedArrayBuffer(4 * portionsOf(Buffer.byteLength(text))));
  return { file, base: rig.root, states };
}

test('a listing that is looked through in portions is looked through once, wherever its lines begin and end', () => {
  using rig = openRig();
  const long = `${'d'.repeat(200)}/`.repeat(15);
  mkdirSync(join(rig.root, long), { recursive: true });
  const paths = ['a', 'ü', `${long}b`];
  for (const path of paths) writeFileSync(join(rig.root, path), path.slice(-1));
  const lines = paths.map((path) => lineOf(rig.root, path));
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...lines), { size: '+2', minLength: 1 }), fc.nat(), (some, where) => {
      const listing = Array.from({ length: Math.ceil(150_000 / some.join('').length) }, () => some).flat();
      expect(lookedThrough(watchOf(rig, listing.join('')))).toBe(listing.length);
      listing[where % listing.length] = 'f\t1\tsha\t1\t1\t-\tgone\n';
      expect(lookedThrough(watchOf(rig, listing.join('')))).toBeUndefined();
    }),
    { numRuns: 20 },
  );
});

test('what another thread has begun with and not finished is looked at; what it has finished is believed', () => {
  using rig = openRig();
  writeFileSync(join(rig.root, 'a'), 'a');
  const text = lineOf(rig.root, 'a').repeat(5_000);
  const watch = watchOf(rig, text);
  watch.states[1] = 1;
  lookOn(watch);
  expect(watch.states[1]).toBe(1);
  expect(lookedThrough(watch)).toBe(5_000);
  appendFileSync(join(rig.root, 'a'), 'more');
  expect(lookedThrough(watch)).toBe(5_000);
  watch.states[0] = 1;
  expect(lookedThrough(watch)).toBeUndefined();
});

/** Few files, of long names: it is the size of the listing that counts. */
const directories = Array.from(
  { length: 10 },
  (_, n) => `${n}${'p'.repeat(200)}/${'q'.repeat(200)}/${'r'.repeat(200)}`,
);
const packages = Array.from({ length: 1_400 }, (_, n) => `${directories[n % 10]}/module-${n}${'_'.repeat(150)}.py`);

/** A target with more packages than one thread looks at, and a glance at them that was kept. */
function installed(rig: Rig): void {
  const [layout, base] = [layoutOf(rig.target), join(rig.target, '.venv')];
  mkdirSync(layout.receipts, { recursive: true });
  for (const directory of directories) mkdirSync(join(base, directory), { recursive: true });
  for (const path of packages) writeFileSync(join(base, path), 'x');
  const head = { slot: 'wheels', base: '.venv', digest: '', files: packages.length, lines: packages.length };
  const long = (path: string): string => lineOf(base, path).replace('sha', 'f'.repeat(64));
  writeFileSync(join(layout.receipts, 'wheels.json'), JSON.stringify(head));
  writeFileSync(join(layout.receipts, 'wheels.files'), packages.map(long).join(''));
  const glance = openGlance(layout);
  expect(glance.holds(openReceipts(layout))).toBe(true);
  glance.keep();
}

const isAlone = availableParallelism() === 1;

test.skipIf(isAlone).each<[string, (venv: string, receipts: string) => void, boolean]>([
  ['that nobody touched', () => {}, true],
  ['in which a file was written in place', (venv) => writeFileSync(join(venv, packages.at(-1)!), 'y!'), false],
  ['in which a file was touched', (venv) => utimesSync(join(venv, packages[0]!), 1, 1), false],
  ['without one of its files', (venv) => rmSync(join(venv, packages[700]!)), false],
  ['to which a file was added', (venv) => writeFileSync(join(venv, directories[1]!, 'new.py'), ''), true],
  ['with a torn receipt', (_, receipts) => cutShort(join(receipts, 'wheels.files')), false],
])('packages %s, looked at by another thread', (_, happens, expected) => {
  using rig = openRig();
  installed(rig);
  const layout = layoutOf(rig.target);
  happens(join(rig.target, '.venv'), layout.receipts);
  const glance = openGlance(layout, openLookout(rig.target));
  expect(glance.holds(openReceipts(layout))).toBe(expected);
  // A second look sees what happened since the first.
  writeFileSync(join(rig.target, '.venv', packages[1]!), 'z!');
  expect(glance.holds(openReceipts(layout))).toBe(false);
});

test('what was seen of packages is told until something changes among them', () => {
  using rig = openRig();
  installed(rig);
  const layout = layoutOf(rig.target);
  for (const lookout of [undefined, openLookout(rig.target)]) {
    const glance = openGlance(layout, lookout);
    expect(glance.seen()).toBeUndefined();
    expect(glance.holds(openReceipts(layout))).toBe(true);
    glance.keep(['custom_nodes/a', '']);
    expect(glance.seen()).toEqual(glanceAt(layout));
    glance.keep(['.venv']);
    expect(glance.seen()).toBeUndefined();
  }
});

test.skipIf(isAlone)('a thread that looked by another receipt, or at another target, has seen nothing', () => {
  using rig = openRig();
  installed(rig);
  const layout = layoutOf(rig.target);
  const lookout = openLookout(rig.target)!;
  lookOn(lookout.watch);
  const [first] = packages;
  writeFileSync(join(rig.target, '.venv', first!), 'y!');
  const receipt = readFileSync(join(layout.receipts, 'wheels.files'), 'utf8');
  writeFileSync(join(layout.receipts, 'wheels.files'), `${receipt}\n`);
  expect(openGlance(layout, lookout).holds(openReceipts(layout))).toBe(false);
  expect(openGlance(layout, { ...lookout, target: '/elsewhere' }).holds(openReceipts(layout))).toBe(false);
});

test('where packages are few, or cannot be looked by, nobody looks ahead', () => {
  using rig = openRig();
  const layout = layoutOf(rig.target);
  expect(openLookout(rig.target)).toBeUndefined();
  mkdirSync(layout.receipts, { recursive: true });
  writeFileSync(join(layout.receipts, 'wheels.files'), 'f\n'.repeat(1_000_000));
  writeFileSync(join(layout.receipts, 'wheels.json'), '{');
  expect(openLookout(rig.target)).toBeUndefined();
  writeFileSync(join(layout.receipts, 'wheels.json'), '{}');
  writeFileSync(join(layout.receipts, 'wheels.files'), 'f\n');
  expect(openLookout(rig.target)).toBeUndefined();
  expect(glanceAt(layout)).toBeUndefined();
});

function cutShort(file: string): void {
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1));
}
