import { describe, expect, it } from 'vitest';
import type { Sample } from '../upstreams/prometheus-result.ts';
import { outline } from './expression-outline.ts';
import { presentResult } from './present-result.ts';

const samples = (count: number, labels: (index: number) => Record<string, string>): Sample[] =>
  Array.from({ length: count }, (_, index) => ({ labels: labels(index), time: 0, value: index, histogram: null }));

const show = (expr: string, result: Parameters<typeof presentResult>[0], more = {}) =>
  presentResult(result, { outline: outline(expr), plan: null, limit: 20, points: 0, again: {}, ...more });

const vector = (list: readonly Sample[]) => ({ type: 'vector' as const, samples: list });

describe('the finding', () => {
  it.each([
    ['scalar 42.5', { type: 'scalar' as const, time: 0, value: 42.5 }],
    ['string "a b"', { type: 'string' as const, time: 0, value: 'a b' }],
    ['no series', vector([])],
    ['1 series', vector(samples(1, () => ({})))],
    ['3 series, values 0 to 2', vector(samples(3, (index) => ({ n: `${index}` })))],
  ])('is %j', (summary, result) => {
    expect(show('x', result).summary).toBe(summary);
  });

  it('counts what is NaN', () => {
    const list = samples(3, (index) => ({ n: `${index}` })).map((sample, index) =>
      index === 0 ? { ...sample, value: Number.NaN } : sample,
    );
    expect(show('x', vector(list)).summary).toBe('3 series, values 1 to 2, 1 of them NaN');
  });
});

describe('the order', () => {
  const list = samples(3, (index) => ({ n: `${index}` }));
  const orderOf = (expr: string) => show(expr, vector(list)).tables[0]?.rows.map(([n]) => n);

  it.each([
    ['m', ['2', '1', '0']],
    ['sort(m)', ['0', '1', '2']],
    ['bottomk(3, m)', ['0', '1', '2']],
    ['topk(3, m) / 2', ['2', '1', '0']],
  ])('of %s', (expr, expected) => {
    expect(orderOf(expr)).toEqual(expected);
  });
});

describe('what is remarked of a range', () => {
  const plan = { start: 0, end: 3600, step: 300, notes: ['step raised'] };
  const series = [{ labels: {}, times: [3600], values: [1], histograms: [] }];
  const notesOf = (expr: string, points = 0) =>
    show(expr, { type: 'matrix', series }, { plan, points }).notes.join('\n');

  it('a window shorter than the step, which leaves gaps', () => {
    expect(notesOf('rate(a[1m])')).toContain('[1m] is shorter than the step of 5m');
    expect(notesOf('rate(a[5m])')).toBe('step raised');
  });

  it('that topk chooses anew', () => {
    expect(notesOf('topk(3, a)')).toContain('more series than it names');
  });

  it('how far apart the points are', () => {
    expect(notesOf('a', 5)).toContain('15m apart');
  });
});

describe('native histograms', () => {
  const histogram = { count: 4, sum: 10, buckets: [{ lower: 1, upper: 4, count: 4 }] };

  it('have a table of their own beside plain values', () => {
    const list: Sample[] = [
      { labels: { n: 'a' }, time: 0, value: 1, histogram: null },
      { labels: { n: 'b' }, time: 0, value: null, histogram },
    ];
    const { tables } = show('x', vector(list));
    expect(tables.map(({ name, rows }) => [name, rows.length])).toEqual([
      ['values', 1],
      ['native histograms', 1],
    ]);
  });

  it('over time are shown as they were at the end, with the quantile over the range to go on with', () => {
    const series = [
      {
        labels: {},
        times: [],
        values: [],
        histograms: [
          { time: 0, histogram: { ...histogram, count: 2 } },
          { time: 60, histogram },
        ],
      },
    ];
    const plan = { start: 0, end: 60, step: 60, notes: [] };
    const { tables, notes, next } = show('rate(x[5m])', { type: 'matrix', series }, { plan, again: { range: '1m' } });
    expect(tables[0]?.columns).toEqual(['count', 'sum', 'avg', 'p50', 'p90', 'p99']);
    expect(tables[0]?.rows[0]).toEqual([4, 10, 2.5, 2, 3.482, 3.945]);
    expect(notes.join()).toContain('as of their last sample');
    expect(next[0]?.arguments).toEqual({ expr: 'histogram_quantile(0.99, rate(x[5m]))', range: '1m' });
  });
});

describe('classic histograms', () => {
  const bounds = ['0.1', '1', '+Inf'];
  const bucketsOf = (pods: number): Sample[] =>
    Array.from({ length: pods * 3 }, (_, index) => ({
      labels: { __name__: 'a_bucket', pod: `p${Math.floor(index / 3)}`, le: bounds[index % 3] ?? '' },
      time: 60,
      value: [10, 18, 20][index % 3] ?? 0,
      histogram: null,
    }));

  it('are put together from their buckets, with quantiles of each', () => {
    const { summary, tables, notes } = show('rate(a_bucket[5m])', vector(bucketsOf(40)), { limit: 5 });
    expect(summary).toBe('120 series, the buckets of 40 histograms');
    expect(tables[0]).toMatchObject({ columns: ['pod', 'count', 'p50', 'p90', 'p99'], total: 40 });
    expect(tables[0]?.rows).toHaveLength(5);
    expect(tables[0]?.rows[0]).toEqual(['p0', 20, 0.1, 1, 1]);
    expect(notes).toEqual(['quantiles are estimated from the buckets.']);
  });

  it('of a counter as it is are said to hold all there ever was', () => {
    expect(show('a_bucket', vector(bucketsOf(2))).notes.join()).toContain('since the counters began');
  });

  it('that are one keep their buckets', () => {
    const { tables, notes } = show('a_bucket', vector(bucketsOf(1)));
    expect(tables[0]?.rows.map(([le]) => le)).toEqual(['+Inf', '1', '0.1']);
    expect(notes.join()).toContain('p50 0.1, p90 1, p99 1');
  });

  it('over time are shown as they were at the end', () => {
    const plan = { start: 0, end: 60, step: 60, notes: [] };
    const series = bucketsOf(2).map(({ labels, value }) => ({
      labels,
      times: [0, 60],
      values: [0, value ?? 0],
      histograms: [],
    }));
    const { tables, notes } = show('sum by (le, pod) (rate(a_bucket[5m]))', { type: 'matrix', series }, { plan });
    expect(tables[0]?.rows).toEqual([
      ['p0', 20, 0.1, 1, 1],
      ['p1', 20, 0.1, 1, 1],
    ]);
    expect(notes.join()).toContain('as of the end of the range');
  });

  it.each(['a_bucket > 12', 'topk(6, a_bucket)', 'a_bucket{le!="0.5"}', 'a_bucket - a_bucket', 'a_bucket * 2'])(
    'are not read into %s, which may lack buckets',
    (expr) => {
      expect(show(expr, vector(bucketsOf(2))).tables[0]?.columns).toContain('value');
    },
  );
});

describe('raw samples', () => {
  it('are never put into a query that takes none', () => {
    const series = Array.from({ length: 30 }, (_, index) => ({
      labels: { pod: `p${index}`, zone: `z${index % 3}` },
      times: [0],
      values: [index],
      histograms: [],
    }));
    const { next } = show('m[5m]', { type: 'matrix', series });
    expect(next.map((call) => call.arguments.expr)).toEqual([
      'max by (zone) (last_over_time(m[5m]))',
      'topk(20, last_over_time(m[5m]))',
    ]);
  });
});
