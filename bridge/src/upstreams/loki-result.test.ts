import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseLokiResult, parseStatistics } from './loki-result.ts';

const streams = (...result: unknown[]) => ({ resultType: 'streams', result });

it('keeps structured metadata and parsed fields of a line apart from the labels of its stream', () => {
  const data = streams({
    stream: { app: 'cart' },
    values: [
      ['1795350936511000001', 'a', { structuredMetadata: { trace_id: '7' }, parsed: { status: '200' } }],
      ['1795350936511000000', 'b', {}],
    ],
  });
  expect(parseLokiResult(data, 'backward')).toEqual({
    type: 'streams',
    streams: [
      {
        labels: { app: 'cart' },
        entries: [
          { time: 1_795_350_936_511_000_001n, line: 'a', metadata: { trace_id: '7' }, parsed: { status: '200' } },
          { time: 1_795_350_936_511_000_000n, line: 'b', metadata: {}, parsed: {} },
        ],
      },
    ],
  });
});

it('makes one stream of its parts, in the direction asked for, and orders streams by their labels', () => {
  const part = (app: string, ...times: number[]) => ({
    stream: { app, a: '1' },
    values: times.map((time) => [`${time}`, `${time}`]),
  });
  const data = streams(part('web', 3), part('cart', 5, 2), { ...part('cart', 4), stream: { a: '1', app: 'cart' } });
  const lines = (direction: 'backward' | 'forward') => {
    const result = parseLokiResult(data, direction);
    if (result?.type !== 'streams') throw new Error('no streams');
    return result.streams.map(({ labels, entries }) => [labels.app, entries.map(({ line }) => line).join()]);
  };
  expect(lines('backward')).toEqual([
    ['cart', '5,4,2'],
    ['web', '3'],
  ]);
  expect(lines('forward')).toEqual([
    ['cart', '2,4,5'],
    ['web', '3'],
  ]);
});

it('has no statistics where there are none', () => {
  expect(parseStatistics(undefined)).toBeNull();
  expect(parseStatistics({ summary: {} })).toBeNull();
  const summary = { totalBytesProcessed: 1, totalLinesProcessed: 2, execTime: 3 };
  expect(parseStatistics({ summary })).toEqual({
    bytes: 1,
    lines: 2,
    linesMatched: null,
    chunks: 0,
    seconds: 3,
    queuedSeconds: 0,
  });
});

it('is read or refused, whatever arrives', () => {
  const json = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom('1', 'streams', 'x'),
      fc.double(),
      fc.constant(null),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(
        fc.constantFrom('resultType', 'result', 'stream', 'values', 'parsed', 'structuredMetadata'),
        tie('any'),
      ),
    ),
  })).any;
  fc.assert(
    fc.property(json, (result) => {
      expect(() => parseLokiResult({ resultType: 'streams', result }, 'backward')).not.toThrow();
      expect(() => parseStatistics(result)).not.toThrow();
    }),
  );
});
