import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FactError } from './fact-error.ts';
import { createHangGate } from './hang-gate.ts';

const gate = () => createHangGate({ slots: 2, deadlineMs: 30 });

async function reasonOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    (value) => `answer ${value}`,
    (error: unknown) => (error instanceof FactError ? error.reason : `not a FactError: ${error}`),
  );
}

test('lets no more than two in at a time, and everyone in the end', async () => {
  const { run } = gate();
  let inside = 0;
  let most = 0;
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await delay(1);
    inside -= 1;
    return inside;
  };
  await Promise.all(Array.from({ length: 20 }, (_, index) => run(String(index), work)));
  expect(most).toBe(2);
});

test('what hangs costs one timeout, is not asked again, and leaves the other place free', async () => {
  const { run } = gate();
  let asked = 0;
  const hanging = Promise.withResolvers<string>();
  const hang = () => {
    asked += 1;
    return hanging.promise;
  };
  // Two who ask at once share one call, too.
  expect(await Promise.all([reasonOf(run('/dead', hang)), reasonOf(run('/dead', hang))])).toEqual([
    'timeout',
    'timeout',
  ]);
  await expect(run('/dead', hang)).rejects.toThrow(/has not answered for 0 s; not asked again/);
  expect(asked).toBe(1);
  for (const path of ['/a', '/b', '/c']) expect(await run(path, async () => path)).toBe(path);

  hanging.resolve('late');
  await expect.poll(() => reasonOf(run('/dead', async () => 'well again'))).toBe('answer well again');
});

test('while two hang nothing more is let in, also not what waits already; when one returns it goes on', async () => {
  const { run } = gate();
  const first = Promise.withResolvers<string>();
  let admitted = 0;
  const other = async () => {
    admitted += 1;
    return 'answered';
  };
  const asked = [
    run('/dead1', () => first.promise),
    run('/dead2', () => new Promise<string>(() => undefined)),
    run('/waiting', other),
  ];
  expect(await Promise.all(asked.map(reasonOf))).toEqual(['timeout', 'timeout', 'too_many']);
  await expect(run('/later', other)).rejects.toThrow('not asked: 2 others hang, and no more may');
  expect(admitted).toBe(0);

  first.reject(new Error('EIO, at last'));
  await expect.poll(() => reasonOf(run('/later', other))).toBe('answer answered');
});

test('a call that fails gives its place back', async () => {
  const { run } = gate();
  const fail = async () => {
    throw new FactError('not_found', 'gone');
  };
  for (let turn = 0; turn < 5; turn += 1) expect(await reasonOf(run('/gone', fail))).toBe('not_found');
  expect(await reasonOf(run('/there', async () => 1))).toBe('answer 1');
});
