import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseQuantity, showCores } from './quantity.ts';

/** What each suffix stands for, as whole numbers: numerator and denominator. */
const SUFFIXES: readonly (readonly [string, bigint, bigint])[] = [
  ['n', 1n, 10n ** 9n],
  ['u', 1n, 10n ** 6n],
  ['m', 1n, 1000n],
  ['', 1n, 1n],
  ['k', 1000n, 1n],
  ['M', 10n ** 6n, 1n],
  ['G', 10n ** 9n, 1n],
  ['T', 10n ** 12n, 1n],
  ['P', 10n ** 15n, 1n],
  ['E', 10n ** 18n, 1n],
  ['Ki', 1n << 10n, 1n],
  ['Mi', 1n << 20n, 1n],
  ['Gi', 1n << 30n, 1n],
  ['Ti', 1n << 40n, 1n],
  ['Pi', 1n << 50n, 1n],
  ['Ei', 1n << 60n, 1n],
];

describe('a quantity', () => {
  it.each([
    ['250m', 0.25],
    ['100m', 0.1],
    ['1Gi', 1_073_741_824],
    ['1e3', 1000],
    ['1E3', 1000],
    ['1E', 1e18],
    ['12e-3', 0.012],
    ['0.5', 0.5],
    ['.5Ki', 512],
    ['1.', 1],
    ['128974848', 128_974_848],
    ['129M', 129_000_000],
    ['123Mi', 128_974_848],
    ['345678901n', 0.345678901],
    ['7u', 0.000007],
    ['-1', -1],
    ['+2k', 2000],
    ['0', 0],
    [2, 2],
  ])('%s is %d', (text, value) => {
    expect(parseQuantity(text)).toBe(value);
  });

  it.each(['', 'm', '.', '1 Gi', '1gi', '1KI', '1Kib', '1e', '1e3m', '1.2.3', '0x10', 'NaN', 'Infinity', '1e999'])(
    '%j is none',
    (text) => {
      expect(parseQuantity(text)).toBeNull();
    },
  );

  it.each([[null], [undefined], [true], [{}], [['1']], [Number.NaN]])('%j is none', (value) => {
    expect(parseQuantity(value)).toBeNull();
  });

  it('is what its digits and its suffix say', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 1n << 62n }), fc.constantFrom(...SUFFIXES), (digits, suffix) => {
        const [name, numerator, denominator] = suffix;
        const exact = Number(digits * numerator) / Number(denominator);
        const parsed = parseQuantity(`${digits}${name}`) ?? Number.NaN;
        expect(Math.abs(parsed - exact)).toBeLessThanOrEqual(exact * 1e-15);
      }),
    );
  });

  it('never comes of a text of other letters, and never is NaN', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const parsed = parseQuantity(text);
        expect(parsed === null || (Number.isFinite(parsed) && /^[+-]?[\d.]/.test(text))).toBe(true);
      }),
    );
  });
});

it.each([
  [0, '0m'],
  [0.00044, '0.4m'],
  [0.0123, '12m'],
  [0.25, '250m'],
  [0.9994, '999m'],
  [0.9996, '1'],
  [1.254, '1.25'],
  [12.345, '12.3'],
  [812.4, '812'],
])('%d cores are shown as %s', (cores, shown) => {
  expect(showCores(cores)).toBe(shown);
});
