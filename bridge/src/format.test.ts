import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compactNumber, showCount, showDuration } from './format.ts';
import { parseDuration } from './moment.ts';

describe('a compact number', () => {
  it.each([
    [0, 0],
    [-0, 0],
    [0.1 + 0.2, 0.3],
    [2 / 3, 0.666667],
    [1234.56789, 1234.57],
    [123_456.789, 123_457],
    [1_667_481_234, 1_667_481_234],
    [1_667_481_234.567, 1_667_481_235],
    [16_781_312_000, 16_781_312_000],
    [0.000123456789, 0.000123457],
    [1.23456789e-9, 1.23457e-9],
    [1.23456789e18, 1.23457e18],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
  ])('of %d is %s', (value, shown) => {
    expect(compactNumber(value)).toBe(shown);
  });

  it('is never off by more than a millionth, and survives JSON', () => {
    fc.assert(
      fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (value) => {
        const shown = compactNumber(value);
        expect(JSON.parse(JSON.stringify(shown))).toBe(shown);
        expect(Math.abs(Number(shown) - value)).toBeLessThanOrEqual(Math.abs(value) * 5.1e-6);
      }),
    );
  });
});

describe('a count', () => {
  it('has its thousands apart', () => {
    expect([0, 999, 1000, 20_000, 1_234_567].map(showCount)).toEqual(['0', '999', '1,000', '20,000', '1,234,567']);
  });
});

describe('a duration', () => {
  it.each([
    [0, '0s'],
    [15, '15s'],
    [0.25, '250ms'],
    [5400, '1h30m'],
    [3600, '1h'],
    [604_800, '7d'],
    [90_061, '1d1h'],
    [119.6, '1m59s'],
    [-60, '-1m'],
  ])('of %d s is %s', (seconds, shown) => {
    expect(showDuration(seconds)).toBe(shown);
  });

  it('in all its parts means what it says to Prometheus', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e12 }), (milliseconds) => {
        expect(parseDuration(showDuration(milliseconds / 1000, 5))).toBeCloseTo(milliseconds / 1000, 3);
      }),
    );
  });
});
