import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { histogramTable, rangeTable, valueTable } from './series-table.ts';

const plan = { start: 0, end: 600, step: 60, notes: [] };
const times = Array.from({ length: 11 }, (_, index) => index * 60);
const over = (labels: Record<string, string>, values: readonly number[], at: readonly number[] = times) => ({
  labels,
  times: at.slice(0, values.length),
  values,
  histograms: [],
});

describe('a table of values', () => {
  const series = [1, Number.NaN, Number.POSITIVE_INFINITY, -2, Number.NEGATIVE_INFINITY].map((value, index) => ({
    labels: { job: 'a', n: `${index}` },
    value,
  }));

  it('has the highest first, infinities in their place, NaN last', () => {
    const table = valueTable(series, 'highest', 20);
    expect(table.common).toEqual({ job: 'a' });
    expect(table.columns).toEqual(['n', 'value']);
    expect(table.rows).toEqual([
      ['2', '+Inf'],
      ['0', 1],
      ['3', -2],
      ['4', '-Inf'],
      ['1', 'NaN'],
    ]);
  });

  it('has the lowest first where that was asked, NaN still last', () => {
    expect(valueTable(series, 'lowest', 20).rows.map(([n]) => n)).toEqual(['4', '3', '0', '2', '1']);
  });

  it('keeps a given order, and is cut with the total said', () => {
    const table = valueTable(series, 'given', 2);
    expect(table.rows.map(([n]) => n)).toEqual(['0', '1']);
    expect(table.total).toBe(5);
  });

  it('tells a label from the column of the same name', () => {
    const table = valueTable(
      [
        { labels: { value: 'a' }, value: 1 },
        { labels: { value: 'b' }, value: 2 },
      ],
      'highest',
      20,
    );
    expect(table.columns).toEqual(['{value}', 'value']);
  });
});

describe('a table of series over time', () => {
  it('has last, min, max, average and trend of each, the highest peak first', () => {
    const table = rangeTable(
      [
        over(
          { n: 'flat' },
          times.map(() => 5),
        ),
        over(
          { n: 'up' },
          times.map((_, index) => index),
        ),
        over(
          { n: 'down' },
          times.map((_, index) => 9 - index),
        ),
      ],
      'highest',
      20,
      { plan, points: 0 },
    );
    expect(table.columns).toEqual(['n', 'last', 'min', 'max', 'avg', 'trend']);
    expect(table.rows).toEqual([
      ['up', 10, 0, 10, 5, 'rising'],
      ['down', -1, -1, 9, 4, 'falling'],
      ['flat', 5, 5, 5, 5, 'steady'],
    ]);
  });

  it('leaves NaN out of all figures but the last, and does not invent any', () => {
    const { rows } = rangeTable([over({}, [Number.NaN, 1, 3, Number.NaN]), over({}, [Number.NaN])], 'highest', 20, {
      plan: { ...plan, end: 180 },
      points: 0,
    });
    expect(rows.map((row) => row.slice(0, 5))).toEqual([
      ['NaN', 1, 3, 2, null],
      ['NaN', 'NaN', 'NaN', 'NaN', null],
    ]);
  });

  it('says when a series was not there all the time', () => {
    const table = rangeTable(
      [
        over(
          { n: 'all' },
          times.map(() => 3),
        ),
        over({ n: 'begun' }, [2, 2], [540, 600]),
        over({ n: 'gone' }, [1], [0]),
      ],
      'highest',
      20,
      { plan, points: 0 },
    );
    expect(table.columns.at(-1)).toBe('seen');
    expect(table.rows.map((row) => row.at(-1))).toEqual([null, '2/11 from 00:09:00Z', '1/11 until 00:00:00Z']);
  });

  it('gives a time of another day its date, however short the range', () => {
    const midnight = Date.parse('2026-11-22T00:00:00Z') / 1000;
    const overnight = { start: midnight - 600, end: midnight + 600, step: 60, notes: [] };
    const table = rangeTable(
      [over({ n: 'a' }, [1], [midnight - 300]), over({ n: 'b' }, [2], [midnight + 300])],
      'highest',
      20,
      { plan: overnight, points: 0 },
    );
    expect(table.rows.map((row) => row.at(-1))).toEqual([
      '1/21 from 00:05:00Z until 00:05:00Z',
      '1/21 from 2026-11-21T23:55Z until 2026-11-21T23:55Z',
    ]);
  });

  it('says it once when it is the same for all', () => {
    const table = rangeTable([over({ n: 'a' }, [1], [600]), over({ n: 'b' }, [2], [600])], 'highest', 20, {
      plan,
      points: 0,
    });
    expect(table.common).toEqual({ seen: '1/11 from 00:10:00Z' });
    expect(table.columns).not.toContain('seen');
  });

  it('shows so many points, the last one always, and where there is none', () => {
    const values = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10];
    const at = [0, 60, 120, 180, 240, 300, 360, 420, 480, 600];
    const shown = (points: number) =>
      rangeTable([over({}, values, at)], 'highest', 1, { plan, points }).rows[0]?.at(-1);
    expect(shown(11)).toBe('0,1,2,3,4,5,6,7,8,-,10');
    expect(shown(6)).toBe('0,2,4,6,8,10');
    expect(shown(5)).toBe('1,4,7,10');
    expect(shown(1)).toBe('10');
  });

  it('never shows more points than asked for, nor leaves out the last', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 500 }), (points, steps) => {
        const all = Array.from({ length: steps + 1 }, (_, index) => index);
        const table = rangeTable([over({}, all, all)], 'highest', 1, {
          plan: { start: 0, end: steps, step: 1, notes: [] },
          points,
        });
        const shown = String(table.rows[0]?.at(-1)).split(',');
        expect(shown.length).toBeLessThanOrEqual(points);
        expect(shown.at(-1)).toBe(String(steps));
      }),
    );
  });

  it('of raw samples says how many there are', () => {
    const table = rangeTable([over({}, [1, 2, 3])], 'highest', 20, { plan: null, points: 2 });
    expect(table.columns).toEqual(['samples', 'last', 'min', 'max', 'avg', 'trend', 'points']);
    expect(table.rows[0]).toEqual([3, 3, 1, 3, 2, null, '2,3']);
  });
});

describe('a table of histograms', () => {
  const histogram = {
    count: 100,
    sum: 240,
    buckets: [
      { lower: 1, upper: 2, count: 50 },
      { lower: 2, upper: 4, count: 50 },
    ],
    spread: 'exponential' as const,
  };

  it('has mean and estimated quantiles, the most observed first', () => {
    const rare = { labels: { n: 'rare' }, histogram: { ...histogram, count: 0, sum: 0, buckets: [] } };
    const table = histogramTable([rare, { labels: { n: 'often' }, histogram }], 'highest', 20);
    expect(table.columns).toEqual(['n', 'count', 'sum', 'avg', 'p50', 'p90', 'p99']);
    expect(table.rows).toEqual([
      ['often', 100, 240, 2.4, 2, 3.482, 3.945],
      ['rare', 0, 0, 'NaN', 'NaN', 'NaN', 'NaN'],
    ]);
  });

  it('has no sum where no histogram has one', () => {
    const table = histogramTable([{ labels: {}, histogram: { ...histogram, sum: null } }], 'highest', 20);
    expect(table.columns).toEqual(['count', 'p50', 'p90', 'p99']);
    expect(table.rows[0]?.[0]).toBe(100);
  });
});
