import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Unit } from './expression-unit.ts';
import { LARGEST_DRAWN, valueAxis } from './value-axis.ts';
import { showValue } from './value-scale.ts';

const plain: Unit = { measure: null, perSecond: false };
const bytes: Unit = { measure: 'bytes', perSecond: false };
const seconds: Unit = { measure: 'seconds', perSecond: false };
const labels = (low: number, high: number, unit: Unit) => valueAxis(low, high, unit, 5).ticks.map(({ label }) => label);

describe('valueAxis', () => {
  it.each<[string, number, number, Unit, string[]]>([
    ['zero with it', 3, 9, plain, ['0', '2', '4', '6', '8', '10']],
    ['far from zero', 93, 97.2, plain, ['93', '94', '95', '96', '97', '98']],
    ['bytes', 0, 3.2 * 1024 ** 3, bytes, ['0', '1 GiB', '2 GiB', '3 GiB', '4 GiB']],
    [
      'bytes per second',
      0,
      900_000,
      { ...bytes, perSecond: true },
      ['0', '200 KiB/s', '400 KiB/s', '600 KiB/s', '800 KiB/s', '1000 KiB/s'],
    ],
    ['short times', 0, 0.00034, seconds, ['0', '100 µs', '200 µs', '300 µs', '400 µs']],
    ['long times', 0, 5400, seconds, ['0', '20 min', '40 min', '60 min', '80 min', '100 min']],
    ['days', 0, 86_400 * 30, seconds, ['0', '10 d', '20 d', '30 d']],
    ['a ratio', 0.905, 0.99, { measure: 'ratio', perSecond: false }, ['90%', '92%', '94%', '96%', '98%', '100%']],
    ['negative', -40, -10, plain, ['-40', '-30', '-20', '-10', '0']],
    ['both sides', -3e-4, 3e-4, seconds, ['-400 µs', '-200 µs', '0', '200 µs', '400 µs']],
    ['thousands', 0, 45_000, plain, ['0', '10k', '20k', '30k', '40k', '50k']],
    ['all equal', 1, 1, plain, ['0', '0.5', '1.0', '1.5']],
    ['all equal and negative', -1, -1, plain, ['-1.5', '-1.0', '-0.5', '0']],
    ['all zero', 0, 0, plain, ['0', '0.2', '0.4', '0.6', '0.8', '1.0']],
    ['huge', 0, 3e250, plain, ['0', '1e+250', '2e+250', '3e+250']],
    ['tiny', 0, 3e-250, plain, ['0', '1e-250', '2e-250', '3e-250']],
  ])('%s', (_, low, high, unit, expected) => {
    expect(labels(low, high, unit)).toEqual(expected);
  });

  it('holds the values, with few marks that differ, ascending, whatever they are', () => {
    const value = fc.double({ noNaN: true, min: -LARGEST_DRAWN, max: LARGEST_DRAWN });
    const unit = fc.record({
      measure: fc.constantFrom('bytes', 'seconds', 'ratio', 'percent', null),
      perSecond: fc.boolean(),
    });
    fc.assert(
      fc.property(value, value, unit, (a, b, of) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const axis = valueAxis(low, high, of, 5);
        const slack = (axis.high - axis.low) * 1e-6;
        expect(axis.low).toBeLessThanOrEqual(low + slack);
        expect(axis.high).toBeGreaterThanOrEqual(high - slack);
        expect(axis.high).toBeGreaterThan(axis.low);
        expect(axis.ticks.length).toBeGreaterThanOrEqual(2);
        expect(axis.ticks.length).toBeLessThanOrEqual(8);
        expect(new Set(axis.ticks.map(({ label }) => label)).size).toBe(axis.ticks.length);
        for (const { label } of axis.ticks) expect(label.length).toBeLessThan(25);
        for (const [index, { at }] of axis.ticks.entries())
          if (index > 0) expect(at).toBeGreaterThan(axis.ticks[index - 1]!.at);
      }),
    );
  });
});

describe('showValue', () => {
  it.each<[number, Unit, string]>([
    [0, bytes, '0 B'],
    [3_363_831, { ...bytes, perSecond: true }, '3.208 MiB/s'],
    [-0.0001632, seconds, '-163.2 µs'],
    [119, seconds, '119 s'],
    [5400, seconds, '90 min'],
    [0.25, { measure: 'seconds', perSecond: true }, '0.25 s/s'],
    [0.5, { measure: 'ratio', perSecond: false }, '50%'],
    [99.95, { measure: 'percent', perSecond: false }, '99.95%'],
    [1234, plain, '1.234k'],
    [1e18, plain, '1.00e+18'],
    [6e-8, plain, '6.00e-8'],
    [Number.NaN, plain, 'NaN'],
    [Number.NEGATIVE_INFINITY, bytes, '-Inf'],
  ])('%d as %j', (value, unit, text) => {
    expect(showValue(value, unit)).toBe(text);
  });
});
