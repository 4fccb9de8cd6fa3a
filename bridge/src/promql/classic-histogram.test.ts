import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldBuckets } from './classic-histogram.ts';
import { estimateQuantile } from './observations.ts';

const bucket = (le: string, value: number, labels: Record<string, string> = {}) => ({
  labels: { ...labels, le },
  value,
});

describe('the buckets of classic histograms', () => {
  it('are put together by their other labels, in whatever order they come', () => {
    const folded = foldBuckets([
      bucket('+Inf', 20, { a: '1', b: '2' }),
      bucket('1', 5, { b: '1' }),
      bucket('0.1', 10, { b: '2', a: '1' }),
      bucket('1', 19, { a: '1', b: '2' }),
      bucket('+Inf', 5, { b: '1' }),
    ]);
    expect(folded?.map(({ labels }) => labels)).toEqual([{ a: '1', b: '2' }, { b: '1' }]);
    expect(folded?.[0]?.histogram).toEqual({
      count: 20,
      sum: null,
      spread: 'linear',
      buckets: [
        { lower: 0, upper: 0.1, count: 10 },
        { lower: 0.1, upper: 1, count: 9 },
        { lower: 1, upper: Number.POSITIVE_INFINITY, count: 1 },
      ],
    });
  });

  it('that begin below zero have no lowest bound', () => {
    const folded = foldBuckets([bucket('-1', 1), bucket('+Inf', 2)]);
    expect(folded?.[0]?.histogram.buckets[0]?.lower).toBe(Number.NEGATIVE_INFINITY);
  });

  it.each([
    ['nothing', []],
    ['series without le', [{ labels: { a: '1' }, value: 1 }]],
    ['an le that is no number', [bucket('fast', 1), bucket('+Inf', 2)]],
    ['an empty le', [bucket('', 1), bucket('+Inf', 2)]],
    ['buckets without +Inf', [bucket('1', 1), bucket('2', 2)]],
    ['+Inf alone', [bucket('+Inf', 2)]],
    ['counts that fall', [bucket('1', 3), bucket('2', 2), bucket('+Inf', 4)]],
    ['a bucket twice', [bucket('1', 1), bucket('1.0', 1), bucket('+Inf', 4)]],
    ['a count below zero', [bucket('1', -1), bucket('+Inf', 4)]],
    ['NaN', [bucket('1', Number.NaN), bucket('+Inf', 4)]],
  ])('are not taken to be %s', (_, series) => {
    expect(foldBuckets(series)).toBeNull();
  });

  it('may fall by a rounding error, as rates do', () => {
    const folded = foldBuckets([bucket('1', 0.3), bucket('2', 0.1 + 0.2 - 1e-16), bucket('+Inf', 0.3)]);
    expect(folded?.[0]?.histogram.buckets.map(({ count }) => count)).toEqual([0.3, 0, 0]);
  });

  it('lose no observation, and keep every quantile within the bounds', () => {
    const counts = fc.array(fc.nat(1000), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(counts, fc.double({ min: 0, max: 1, noNaN: true }), (within, quantile) => {
        fc.pre(within.some((count) => count > 0));
        let sum = 0;
        const series = within.map((count, index) => {
          sum += count;
          return bucket(index === within.length - 1 ? '+Inf' : `${index + 1}`, sum);
        });
        const histogram = foldBuckets(series.toReversed())?.[0]?.histogram;
        expect(histogram?.buckets.map(({ count }) => count)).toEqual(within);
        if (histogram !== undefined)
          expect(estimateQuantile(histogram, quantile)).toSatisfy((at) => at >= 0 && at <= within.length - 1);
      }),
    );
  });
});
