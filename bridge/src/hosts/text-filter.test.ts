import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTextFilter, filterTables } from './text-filter.ts';

describe('text filter', () => {
  it.each([
    ['kubelet', 'KUBELET.service', true],
    ['k3s*fail', 'k3s.service failed', true],
    ['fail*k3s', 'k3s.service failed', false],
    ['*', '', true],
    ['a.c', 'abc', false],
    ['aa', 'a', false],
    ['ab*ab', 'ab', false],
  ])('%s on %j: %s', (pattern, text, expected) => {
    expect(createTextFilter(pattern)(text)).toBe(expected);
  });

  it('finds every part of every text, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (before, part, after) => {
        // Letters whose lower case depends on what stands beside them are another matter.
        fc.pre(/^[\x20-\x7e]*$/.test(before + part + after));
        expect(createTextFilter(part)(before + part + after)).toBe(true);
      }),
    );
  });

  it('takes long patterns in no time', () => {
    expect(createTextFilter('a*'.repeat(50))('a'.repeat(100_000))).toBe(true);
    expect(createTextFilter(`${'a*'.repeat(49)}b`)('a'.repeat(100_000))).toBe(false);
  });

  it('keeps rows and common values that match, and drops tables without any', () => {
    const tables = [
      {
        common: { kernel: '6.1', init: 'systemd' },
        columns: ['node', 'up'],
        rows: [
          ['a', true],
          ['b', null],
        ],
        total: 9,
      },
      { columns: ['x'], rows: [['y']] },
    ];
    expect(filterTables(tables, createTextFilter('kernel'))).toEqual([
      { common: { kernel: '6.1' }, columns: ['node', 'up'], rows: [] },
    ]);
    expect(filterTables(tables, createTextFilter('true'))).toEqual([{ columns: ['node', 'up'], rows: [['a', true]] }]);
    expect(filterTables(tables, createTextFilter('nowhere'))).toEqual([]);
  });
});
