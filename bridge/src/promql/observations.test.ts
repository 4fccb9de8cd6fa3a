import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateQuantile } from './observations.ts';

const exponential = (buckets: { lower: number; upper: number; count: number }[]) => ({
  count: buckets.reduce((sum, { count }) => sum + count, 0),
  sum: 0,
  buckets,
  spread: 'exponential' as const,
});

describe('a quantile', () => {
  it.each([
    ['in the bucket around zero', [{ lower: -1, upper: 1, count: 10 }], 0.5, 0],
    ['in one without an upper bound', [{ lower: 5, upper: Number.POSITIVE_INFINITY, count: 10 }], 0.5, 5],
    ['in one without a lower bound', [{ lower: Number.NEGATIVE_INFINITY, upper: 5, count: 10 }], 0.5, 5],
    ['in one of an exponential histogram', [{ lower: 1, upper: 4, count: 10 }], 0.5, 2],
    ['in one below zero', [{ lower: -4, upper: -1, count: 10 }], 0.5, -2],
  ])('%s', (_, buckets, quantile, expected) => {
    expect(estimateQuantile(exponential(buckets), quantile)).toBeCloseTo(expected, 9);
  });

  it('of nothing is no number', () => {
    expect(estimateQuantile(exponential([]), 0.5)).toBeNaN();
    expect(estimateQuantile(exponential([{ lower: 1, upper: 2, count: 0 }]), 0.5)).toBeNaN();
  });

  it('of a classic histogram lies evenly in its bucket', () => {
    const histogram = { ...exponential([{ lower: 1, upper: 3, count: 10 }]), spread: 'linear' as const };
    expect(estimateQuantile(histogram, 0.5)).toBe(2);
  });

  it('never falls as the fraction grows, and stays within the buckets', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(counts, fc.constantFrom('linear' as const, 'exponential' as const), (within, spread) => {
        fc.pre(within.some((count) => count > 0));
        const buckets = within.map((count, index) => ({ lower: 2 ** index, upper: 2 ** (index + 1), count }));
        const found = [0, 0.1, 0.5, 0.9, 1].map((each) => estimateQuantile({ ...exponential(buckets), spread }, each));
        expect(found).toEqual(found.toSorted((a, b) => a - b));
        expect(found[0]).toBeGreaterThanOrEqual(1);
        expect(found.at(-1)).toBeLessThanOrEqual(2 ** within.length);
      }),
    );
  });
});
