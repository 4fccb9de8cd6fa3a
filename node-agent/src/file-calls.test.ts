import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { guarded } from './file-calls.ts';
import { readWhole } from './open-file.ts';

const PIECE = Buffer.alloc(4096, 'x');

/** A file of /proc that takes a millisecond for every page. */
function slowFile(pieces: number, signal: AbortSignal) {
  let leftBytes = pieces * PIECE.length;
  const readPage = (chunk: Buffer) => {
    const until = performance.now() + 1;
    while (performance.now() < until);
    const bytes = PIECE.copy(chunk, 0, 0, Math.min(PIECE.length, leftBytes));
    leftBytes -= bytes;
    return bytes;
  };
  return (chunk: Buffer) => guarded(signal, '/proc/slow', '/proc/slow', () => readPage(chunk));
}

it('lets others have their turn while a long file of the kernel is read, and loses none of it', async () => {
  let turns = 0;
  let isRead = false;
  const read = readWhole(slowFile(60, new AbortController().signal), { maxBytes: 1024 * 1024, sizeBytes: 0 }).finally(
    () => {
      isRead = true;
    },
  );
  while (!isRead) {
    await nextTurn();
    turns += 1;
  }
  expect((await read)?.length).toBe(60 * PIECE.length);
  // Some sixty milliseconds in stretches of ten, and the turn at the end.
  expect(turns).toBeGreaterThan(3);
});

it('ends such a read when the time of the collection is up', async () => {
  const read = readWhole(slowFile(5000, AbortSignal.timeout(30)), { maxBytes: 64 * 1024 * 1024, sizeBytes: 0 });
  await expect(read).rejects.toMatchObject({ reason: 'timeout' });
});
