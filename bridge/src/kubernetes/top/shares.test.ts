import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { denseColumns, highestFirst, percentCell, shareOf } from './shares.ts';

describe('rows', () => {
  const row = fc.record({ name: fc.string(), value: fc.option(fc.float({ noNaN: true }), { nil: null }) });
  const rows = fc.uniqueArray(row, { selector: ({ name }) => name });
  const sorted = (given: readonly { name: string; value: number | null }[]) =>
    highestFirst(
      given,
      ({ value }) => value,
      ({ name }) => name,
    );

  it('come in the same order however they were given', () => {
    fc.assert(
      fc.property(rows, fc.infiniteStream(fc.nat()), (given, order) => {
        const shuffled = given
          .map((each) => ({ each, at: order.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ each }) => each);
        expect(sorted(shuffled)).toEqual(sorted(given));
      }),
    );
  });

  it('come highest first, and those without a number last', () => {
    const given = [
      { name: 'a', value: null },
      { name: 'c', value: 2 },
      { name: 'b', value: 2 },
      { name: 'd', value: 0 },
      { name: 'e', value: 10 },
    ];
    expect(sorted(given).map(({ name }) => name)).toEqual(['e', 'b', 'c', 'd', 'a']);
  });
});

it.each([
  [1, 4, 0.25],
  [0, 4, 0],
  [1, 0, null],
  [1, -1, null],
  [null, 4, null],
  [1, null, null],
])('%s of %s is a share of %s', (part, whole, share) => {
  expect(shareOf(part, whole)).toBe(share);
});

it('shows shares as whole percents, and none as none', () => {
  expect([0.994, 1.305, 0, null].map(percentCell)).toEqual([99, 131, 0, null]);
});

it('leaves out columns in which there is nothing, and keeps those that have a zero', () => {
  expect(
    denseColumns(
      ['a', 'b', 'c'],
      [
        ['x', null, 0],
        ['y', null, null],
      ],
    ),
  ).toEqual({
    columns: ['a', 'c'],
    rows: [
      ['x', 0],
      ['y', null],
    ],
  });
});
