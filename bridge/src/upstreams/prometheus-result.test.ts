import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseQueryResult } from './prometheus-result.ts';

describe('the result of a query', () => {
  it('as a vector has numbers, NaN and infinities', () => {
    const result = [
      { metric: { a: 'x' }, value: [1700000000.5, '1.5e+06'] },
      { metric: {}, value: [1700000000.5, 'NaN'] },
      { metric: {}, value: [1700000000.5, '+Inf'] },
      { metric: {}, value: [1700000000.5, '-Inf'] },
    ];
    expect(parseQueryResult({ resultType: 'vector', result })).toEqual({
      type: 'vector',
      samples: [1_500_000, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((value, index) => ({
        labels: index === 0 ? { a: 'x' } : {},
        time: 1_700_000_000.5,
        value,
        histogram: null,
      })),
    });
  });

  it('as a matrix has times and values apart', () => {
    const values = [
      [1, '0'],
      [2, '-3'],
    ];
    expect(parseQueryResult({ resultType: 'matrix', result: [{ metric: { a: 'x' }, values }] })).toEqual({
      type: 'matrix',
      series: [{ labels: { a: 'x' }, times: [1, 2], values: [0, -3], histograms: [] }],
    });
  });

  it('as native histograms has their buckets in order', () => {
    const histogram = {
      count: '6',
      sum: '12.5',
      buckets: [
        [0, '1', '2', '4'],
        [3, '-0.5', '0.5', '2'],
      ],
    };
    const read = {
      count: 6,
      sum: 12.5,
      buckets: [
        { lower: -0.5, upper: 0.5, count: 2 },
        { lower: 1, upper: 2, count: 4 },
      ],
    };
    expect(parseQueryResult({ resultType: 'vector', result: [{ metric: {}, histogram: [1, histogram] }] })).toEqual({
      type: 'vector',
      samples: [{ labels: {}, time: 1, value: null, histogram: read }],
    });
    expect(parseQueryResult({ resultType: 'matrix', result: [{ metric: {}, histograms: [[1, histogram]] }] })).toEqual({
      type: 'matrix',
      series: [{ labels: {}, times: [], values: [], histograms: [{ time: 1, histogram: read }] }],
    });
  });

  it('may be a scalar, a string, or empty', () => {
    expect(parseQueryResult({ resultType: 'scalar', result: [1, '2'] })).toEqual({ type: 'scalar', time: 1, value: 2 });
    expect(parseQueryResult({ resultType: 'string', result: [1, 'a'] })).toEqual({
      type: 'string',
      time: 1,
      value: 'a',
    });
    expect(parseQueryResult({ resultType: 'matrix', result: null })).toEqual({ type: 'matrix', series: [] });
  });

  it.each([
    null,
    'text',
    {},
    { resultType: 'streams', result: [] },
    { resultType: 'vector' },
    { resultType: 'vector', result: [{ metric: { a: 1 }, value: [1, '2'] }] },
    { resultType: 'vector', result: [{ metric: {}, value: [1, 'two'] }] },
    { resultType: 'vector', result: [{ metric: {}, value: [1, ''] }] },
    { resultType: 'vector', result: [{ metric: {} }] },
    { resultType: 'matrix', result: [{ metric: {}, values: [['1', '2']] }] },
    { resultType: 'scalar', result: [1] },
  ])('is never made up from %j', (data) => {
    expect(parseQueryResult(data)).toBeNull();
  });

  it('is read or refused, whatever arrives', () => {
    const text = fc.constantFrom('vector', 'matrix', 'scalar', 'string', 'NaN', '1');
    const json = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 5 },
        text,
        fc.double(),
        fc.constant(null),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(
          fc.constantFrom(
            'resultType',
            'result',
            'metric',
            'value',
            'values',
            'histogram',
            'histograms',
            'count',
            'sum',
            'buckets',
          ),
          tie('any'),
        ),
      ),
    })).any;
    fc.assert(
      fc.property(text, json, (resultType, result) => {
        expect(() => parseQueryResult({ resultType, result })).not.toThrow();
      }),
    );
  });
});
