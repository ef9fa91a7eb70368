import { expect, test } from 'vitest';

import { giveBack, giveBackAfterLast } from '../../tasks/tools/give-back.ts';

test('memory that is given back is gone at once', () => {
  for (const length of [1, 1_460, 16_384, 65_536, 200_000]) {
    const bytes = Buffer.allocUnsafeSlow(length);
    giveBack(bytes);
    expect([bytes.length, bytes.buffer.byteLength]).toEqual([0, 0]);
  }
});

test('memory that Node shares among many stays', () => {
  const [one, other] = [Buffer.from('one'), Buffer.from('other')];
  giveBack(one);
  expect([one.toString(), other.toString()]).toEqual(['one', 'other']);
});

test('of pieces that came in one, the last takes all along, and no other does', () => {
  const whole = Buffer.allocUnsafeSlow(65_536);
  const [first, last] = [whole.subarray(0, 300), whole.subarray(300)];
  giveBackAfterLast(first);
  expect([first.length, last.length]).toEqual([300, 65_236]);
  giveBackAfterLast(last);
  expect([first.length, last.length]).toEqual([0, 0]);
});
