import { expect, test } from 'vitest';

import { groupCommit } from '../../cache/group-commit.ts';

/** Flushes that end when the test says so. */
function flushes() {
  const started: PromiseWithResolvers<void>[] = [];
  const commit = groupCommit(() => {
    const flush = Promise.withResolvers<void>();
    started.push(flush);
    return flush.promise;
  });
  return { started, commit };
}

/** Lets everything run that waits for nothing. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('those who ask at the same time share one flush', async () => {
  const { started, commit } = flushes();
  const all = Promise.all([commit(), commit(), commit()]);
  await settle();
  expect(started).toHaveLength(1);
  started[0]!.resolve();
  await all;
  expect(started).toHaveLength(1);
});

test('those who ask while a flush runs share the next: the running one may have passed their bytes', async () => {
  const { started, commit } = flushes();
  const first = commit();
  await settle();
  let done = false;
  const later = Promise.all([commit(), commit()]).then(() => (done = true));
  started[0]!.resolve();
  await first;
  await settle();
  expect([started.length, done]).toEqual([2, false]);
  started[1]!.resolve();
  await later;
  expect(started).toHaveLength(2);
});

test('a flush that fails fails those who shared it, and nobody else', async () => {
  const { started, commit } = flushes();
  const first = Promise.allSettled([commit(), commit()]);
  await settle();
  const later = commit();
  started[0]!.reject(new Error('EIO'));
  expect((await first).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await settle();
  started[1]!.resolve();
  await expect(later).resolves.toBeUndefined();
});
