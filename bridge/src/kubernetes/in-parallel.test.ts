import { expect, it } from 'vitest';
import { inParallel } from './in-parallel.ts';

it('gives results in the order of the items, with no more at once than told', async () => {
  let running = 0;
  let most = 0;
  const results = await inParallel([5, 1, 4, 2, 3], 2, async (item) => {
    running += 1;
    most = Math.max(most, running);
    for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
    running -= 1;
    return item * 10;
  });
  expect(results).toEqual([50, 10, 40, 20, 30]);
  expect(most).toBe(2);
});

it('throws the first failure and begins nothing after it', async () => {
  const begun: number[] = [];
  const work = inParallel([1, 2, 3, 4, 5, 6], 2, async (item) => {
    begun.push(item);
    if (item === 2) throw new Error('no');
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
  });
  await expect(work).rejects.toThrow('no');
  expect(begun.length).toBeLessThan(6);
});

it('does nothing for nothing', async () => {
  expect(await inParallel([], 4, async () => 1)).toEqual([]);
});
