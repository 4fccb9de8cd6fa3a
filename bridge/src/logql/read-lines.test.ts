import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Direction, LokiStream } from '../upstreams/loki-result.ts';
import { linesOf } from './read-lines.ts';

interface Line {
  time: bigint;
  line: string;
}

/** What a Loki gives of the lines of a window. */
function ask(
  all: readonly Line[],
  [start, end]: readonly [bigint, bigint],
  most: number,
  direction: Direction,
): LokiStream[] {
  const sign = direction === 'backward' ? -1 : 1;
  const entries = all
    .filter(({ time }) => time >= start && time < end)
    .sort((a, b) => sign * Number(a.time - b.time))
    .slice(0, most)
    .map((each) => ({ ...each, metadata: {}, parsed: {} }));
  return entries.length === 0 ? [] : [{ labels: {}, entries }];
}

describe('linesOf', () => {
  it('leads through a window without missing a line or giving one twice, whatever came at once', () => {
    const times = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 });
    fc.assert(
      fc.property(
        times,
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom('backward' as const, 'forward' as const),
        (at, extra, direction) => {
          const lines = at.map((time, index) => ({ time: BigInt(time), line: String(index) }));
          // As many as ever came at one moment, and more.
          const most =
            Math.max(0, ...[...Map.groupBy(at, (time) => time).values()].map((group) => group.length)) + extra;
          const found: string[] = [];
          let window: [bigint, bigint] = [0n, 100n];
          for (let round = 0; round <= lines.length + 1; round += 1) {
            const read = linesOf(ask(lines, window, most, direction), most, direction);
            found.push(...read.streams.flatMap(({ entries }) => entries.map(({ line }) => line)));
            if (read.rest === null) break;
            window = direction === 'backward' ? [window[0], read.rest] : [read.rest, window[1]];
          }
          expect(found.toSorted()).toEqual(lines.map(({ line }) => line).sort());
        },
      ),
    );
  });

  it('goes on behind a moment that has more lines than can be read', () => {
    const lines = Array.from({ length: 5 }, (_, index) => ({ time: 7n, line: String(index) }));
    expect(linesOf(ask(lines, [0n, 10n], 3, 'backward'), 3, 'backward')).toMatchObject({ lines: 3, rest: 7n });
    expect(linesOf(ask(lines, [0n, 10n], 3, 'forward'), 3, 'forward')).toMatchObject({ lines: 3, rest: 8n });
  });
});
