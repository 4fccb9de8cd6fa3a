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

describe('a query to go on with', () => {
  const many = samples(500, (index) => ({ __name__: 'm', pod: `p${index}`, team: `t${index % 7}` }));
  const nextOf = (expr: string, list: readonly Sample[], more = {}) =>
    show(expr, vector(list), more).next.map((call) => call.arguments);

  it('groups by the label that leaves a readable number of series', () => {
    expect(nextOf('m # all', many)).toEqual([{ expr: 'max by (team) (m)' }]);
  });

  it('adds up what can be added', () => {
    expect(nextOf('rate(m[5m])', many)).toEqual([{ expr: 'sum by (team) (rate(m[5m]))' }]);
    expect(nextOf('m_bytes', many)).toEqual([{ expr: 'sum by (team) (m_bytes)' }]);
  });

  it('never mixes different metrics', () => {
    const mixed = samples(50, (index) => ({ __name__: `m${index % 9}`, pod: `p${index % 3}` }));
    expect(nextOf('{job="a"}', mixed)).toEqual([{ expr: 'count by (__name__) ({job="a"})' }]);
  });

  it('takes the highest groups where there are many', () => {
    const wide = samples(500, (index) => ({ namespace: `n${index % 200}`, pod: `p${index}` }));
    expect(nextOf('m', wide)).toEqual([{ expr: 'topk(20, max by (namespace) (m))' }]);
  });

  it('shows the other end where nothing groups', () => {
    const unique = samples(500, (index) => ({ pod: `p${index}` }));
    expect(nextOf('m', unique, { limit: 5 })).toEqual([{ expr: 'bottomk(20, m)' }]);
  });

  it('asks about the same time', () => {
    expect(nextOf('m', many, { again: { range: '1h', time: '-1d' } })).toEqual([
      { expr: 'max by (team) (m)', range: '1h', time: '-1d' },
    ]);
  });

  it('is not there when everything is shown', () => {
    expect(nextOf('m', many.slice(0, 5))).toEqual([]);
  });

  it('makes a quantile of classic buckets, once', () => {
    const buckets = samples(3, (index) => ({ __name__: 'a_bucket', le: `${index}` }));
    const quantile = (inner: string) => [{ expr: `histogram_quantile(0.95, sum by (le) (${inner}))` }];
    expect(nextOf('a_bucket{x="1"}', buckets)).toEqual(quantile('rate(a_bucket{x="1"}[5m])'));
    expect(nextOf('rate(a_bucket[1m])', buckets)).toEqual(quantile('rate(a_bucket[1m])'));
    expect(
      nextOf(
        'histogram_quantile(0.9, rate(a_bucket[1m]))',
        samples(3, () => ({ pod: 'x' })),
      ),
    ).toEqual([]);
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

  it('over time are shown as they were at the end', () => {
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
    const { tables, notes } = show('x', { type: 'matrix', series });
    expect(tables[0]?.rows[0]?.slice(0, 3)).toEqual([4, 10, 2.5]);
    expect(notes.join()).toContain('as of their last sample');
  });
});
