import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logContainer } from '../../../test/kubernetes-log.ts';
import { createFolder } from '../../logs/fold-lines.ts';
import { containerLabels, fairShares, kindTable, lineTables } from './log-tables.ts';
import type { LogReading } from './pod-logs.ts';

const now = new Date('2026-11-22T13:00:00Z');

describe('fairShares', () => {
  it('gives all there is to give, and nobody less than another who has no more to say', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 200 }), { maxLength: 30 }), fc.nat({ max: 500 }), (counts, total) => {
        const shares = fairShares(counts, total);
        const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
        expect(sum(shares)).toBe(Math.min(total, sum(counts)));
        const cut = shares.filter((share, index) => share < (counts[index] ?? 0));
        for (const share of cut) expect(share).toBeGreaterThanOrEqual(Math.max(0, ...shares) - 1);
      }),
    );
  });
});

describe('lineTables', () => {
  const reading = (name: string, ...lines: readonly string[]): LogReading => ({
    container: logContainer({ name }),
    lines: lines.length,
    bytes: 0,
    entries: lines.length,
    kept: lines.length,
    excluded: 0,
    newest: lines.map((text) => ({ time: '2026-11-22T10:00:00Z', lines: [text], more: 0 })),
    lastTime: null,
    stopped: null,
    problem: null,
  });
  const options = { now, labelOf: ({ name }: { name: string }) => name, isSearch: true };

  it('shows logs that differ in ids, times and repetitions only once, and says so', () => {
    const { tables, cut } = lineTables(
      [
        reading('a', 'start 1', 'retry 1', 'retry 2', 'ERROR gone'),
        reading('b', 'start 2', 'retry 1', 'ERROR gone'),
        reading('c', 'start 3', 'ready'),
      ],
      100,
      options,
    );
    expect(tables.map(({ name, rows }) => [name, rows.length])).toEqual([
      ['a; alike but for ids and times: b', 4],
      ['c', 2],
    ]);
    expect(cut).toBeNull();
  });

  it('names one of several that has more than is shown, and pages a single one', () => {
    const many = Array.from({ length: 9 }, (_, index) => `${'abcdefghi'[index]} word`);
    const several = lineTables([reading('a', 'x'), reading('b', ...many)], 5, options);
    expect(several.tables.map(({ rows, total }) => [rows.length, total])).toEqual([
      [1, 1],
      [4, 9],
    ]);
    expect(several.cut?.name).toBe('b');
    const one = lineTables([reading('b', ...many)], 5, options);
    expect(one.tables[0]).toMatchObject({ total: 9, limit: 5, reversed: true });
    expect(one.tables[0]?.rows).toHaveLength(9);
    expect(one.tables[0]?.rows[0]).toEqual(['10:00:00 i word']);
  });
});

describe('containerLabels', () => {
  it.each([
    [
      ['a/x', 'a/y'],
      ['x', 'y'],
    ],
    [
      ['a/x', 'b/x'],
      ['a', 'b'],
    ],
    [
      ['a/x', 'a/y', 'b/x'],
      ['a/x', 'a/y', 'b/x'],
    ],
    [['a/x'], ['x']],
  ])('names %j by what tells them apart', (names, labels) => {
    const containers = names.map((each) => {
      const [pod = '', name = ''] = each.split('/');
      return logContainer({ pod, name });
    });
    expect(containers.map(containerLabels(containers))).toEqual(labels);
  });
});

describe('kindTable', () => {
  const sources = ['shop-web-6d5f-bcdfg/app', 'shop-web-6d5f-hjklm/app', 'shop-web-6d5f-bcdfg/proxy'];
  const fold = (...lines: readonly (readonly [string, string])[]) => {
    const folder = createFolder();
    for (const [text, source] of lines) folder.add({ time: '2026-11-21T10:00:00Z', lines: [text], more: 0 }, source);
    return folder.folded();
  };

  it('says where each kind came from without saying the same of all', () => {
    const [app = '', other = '', proxy = ''] = sources;
    const table = kindTable(
      fold(
        ['a', app],
        ['b', app],
        ['b', other],
        ['c', app],
        ['c', proxy],
        ...sources.map((each) => ['d', each] as const),
      ),
      sources,
      now,
    );
    expect(table.common).toEqual({ in: 'shop-web-6d5f-*' });
    expect(table.rows.map((row) => [row[0], row[4], row[5]])).toEqual([
      [3, 'all', 'd'],
      [2, '2 pods/app', 'b'],
      [2, '2 of 3', 'c'],
      [1, 'bcdfg/app', 'a'],
    ]);
  });

  it('has no such column where there is one log', () => {
    expect(kindTable(fold(['a', 'app']), ['app'], now)).toMatchObject({
      columns: ['count', 'level', 'first', 'last', 'sample'],
      rows: [[1, null, '11-21T10:00:00', '11-21T10:00:00', 'a']],
    });
  });
});
