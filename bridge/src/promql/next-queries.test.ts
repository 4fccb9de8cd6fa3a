import { describe, expect, it } from 'vitest';
import type { Labels } from '../upstreams/prometheus-result.ts';
import { outline } from './expression-outline.ts';
import { nextQueries } from './next-queries.ts';

const series = (count: number, labels: (index: number) => Labels) =>
  Array.from({ length: count }, (_, index) => labels(index));
const plan = { start: 0, end: 3600, step: 60, notes: [] };

function nextOf(expr: string, labels: readonly Labels[], more: Partial<Parameters<typeof nextQueries>[1]> = {}) {
  const shape = { labels, raw: false, native: false };
  return nextQueries(shape, { outline: outline(expr), plan: null, limit: 20, again: {}, ...more }).map(
    (call) => call.arguments,
  );
}

describe('a query to go on with', () => {
  const many = series(500, (index) => ({ __name__: 'm', pod: `p${index}`, team: `t${index % 7}` }));

  it('groups by the label that leaves a readable number of series, or gives the first only', () => {
    expect(nextOf('m # all', many)).toEqual([{ expr: 'max by (team) (m)' }, { expr: 'topk(20, m)' }]);
    expect(nextOf('m', many, { limit: 5 })[1]).toEqual({ expr: 'topk(5, m)' });
  });

  it.each([
    ['rate(m[5m])', 'sum'],
    ['m_bytes', 'sum'],
    ['m_seconds', 'max'],
    ['rate(m[5m]) / rate(n[5m])', 'max'],
    ['histogram_quantile(0.9, rate(m_bucket[5m]))', 'max'],
    ['avg by (pod, team) (rate(m[5m]))', 'max'],
    ['time() - m_total', 'max'],
  ])('adds up only what can be added: %s by %s', (expr, how) => {
    expect(nextOf(expr, many)[0]).toEqual({ expr: `${how} by (team) (${expr})` });
  });

  it('makes one sum of a sum of sums', () => {
    expect(nextOf('sum by (pod, team) (rate(m[5m]))', many)[0]?.expr).toBe('sum by (team) (rate(m[5m]))');
    expect(nextOf('sum(rate(m[5m])) by (pod, team)', many)[0]?.expr).toBe(
      'sum by (team) (sum(rate(m[5m])) by (pod, team))',
    );
  });

  it('does not repeat a long expression once more', () => {
    const long = `a{b="${'c'.repeat(200)}"}`;
    expect(nextOf(long, many).map(({ expr }) => expr)).toEqual([`max by (team) (${long})`]);
  });

  it('over a range chooses the first once, not anew at every step', () => {
    const over = { plan, again: { range: '1h', time: '-1d' } };
    expect(nextOf('m', many, over)).toEqual([
      { expr: 'max by (team) (m)', range: '1h', time: '-1d' },
      { expr: 'm and topk(20, max_over_time(m[1h] @ end()))', range: '1h', time: '-1d' },
    ]);
    expect(nextOf('a / b', many, over)[1]?.expr).toBe('(a / b) and topk(20, max_over_time((a / b)[1h:1m] @ end()))');
    expect(nextOf('m offset 1d', many, over)[1]?.expr).toContain('max_over_time(m[1h] offset 1d @ end())');
    expect(nextOf('m @ 1700000000', many, over)[1]?.expr).toContain('max_over_time(m[1h] @ 1700000000)');
  });

  it('does not choose where the caller did', () => {
    expect(nextOf('bottomk(300, m)', many).map(({ expr }) => expr)).toEqual(['max by (team) (bottomk(300, m))']);
  });

  it('never mixes different metrics', () => {
    const mixed = series(50, (index) => ({ __name__: `m${index % 9}`, pod: `p${index % 3}` }));
    expect(nextOf('{job="a"}', mixed)).toEqual([{ expr: 'count by (__name__) ({job="a"})' }]);
  });

  it('takes the highest groups where there are many', () => {
    const wide = series(500, (index) => ({ namespace: `n${index % 200}`, pod: `p${index}` }));
    expect(nextOf('m', wide)[0]).toEqual({ expr: 'topk(20, max by (namespace) (m))' });
  });

  it('shows the other end where nothing groups', () => {
    const unique = series(500, (index) => ({ pod: `p${index}` }));
    expect(nextOf('m', unique, { limit: 5 })[0]).toEqual({ expr: 'bottomk(20, m)' });
  });

  it('quotes a label that is no identifier', () => {
    const dotted = series(50, (index) => ({ 'http.route': `r${index % 5}`, n: `${index}` }));
    expect(nextOf('m', dotted)[0]).toEqual({ expr: 'max by ("http.route") (m)' });
  });

  it('is not there when everything is shown', () => {
    expect(nextOf('m', many.slice(0, 5))).toEqual([]);
  });
});

describe('a quantile', () => {
  const one = series(3, (index) => ({ __name__: 'a_bucket', le: `${index}` }));
  const some = series(12, (index) => ({ __name__: 'a_bucket', le: `${index % 3}`, verb: `v${index % 4}` }));

  it.each([
    ['a_bucket{x="1"}', 'sum by (le) (rate(a_bucket{x="1"}[5m]))'],
    ['a_bucket offset 1h', 'sum by (le) (rate(a_bucket[5m] offset 1h))'],
    ['rate(a_bucket[1m])', 'sum by (le) (rate(a_bucket[1m]))'],
    ['sum by (le) (rate(a_bucket[1m]))', 'sum by (le) (rate(a_bucket[1m]))'],
  ])('is made of the buckets of one histogram: %s', (expr, inner) => {
    expect(nextOf(expr, one)).toEqual([{ expr: `histogram_quantile(0.95, ${inner})` }]);
  });

  it('of several histograms keeps what tells them apart, and replaces other ways to narrow', () => {
    expect(nextOf('a_bucket', some, { limit: 5 })).toEqual([
      { expr: 'histogram_quantile(0.95, sum by (le, verb) (rate(a_bucket[5m])))' },
    ]);
    const pods = series(300, (index) => ({ le: `${index % 3}`, pod: `p${index % 100}` }));
    expect(nextOf('rate(a_bucket[1m])', pods)).toEqual([
      { expr: 'topk(20, histogram_quantile(0.95, sum by (le, pod) (rate(a_bucket[1m]))))' },
    ]);
  });

  it.each(['histogram_quantile(0.9, rate(a_bucket[1m]))', 'a_bucket > 3', 'a_total'])('is not made of %s', (expr) => {
    expect(nextOf(expr, expr === 'a_total' ? one : [{ pod: 'x' }])).toEqual([]);
  });

  it('is made of native histograms', () => {
    const next = (expr: string, over = false) =>
      nextQueries(
        { labels: [{ a: '1' }], raw: false, native: true },
        { outline: outline(expr), plan: over ? plan : null, limit: 20, again: {} },
      ).map((call) => call.arguments.expr);
    expect(next('h{a="1"}')).toEqual(['histogram_quantile(0.99, sum(rate(h{a="1"}[5m])))']);
    expect(next('rate(h[1m])', true)).toEqual(['histogram_quantile(0.99, rate(h[1m]))']);
    // Its quantiles are on the table.
    expect(next('rate(h[1m])')).toEqual([]);
  });
});
