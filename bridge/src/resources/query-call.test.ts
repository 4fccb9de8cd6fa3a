import { describe, expect, it } from 'vitest';
import { callFor } from './query-call.ts';
import { parseSavedQuery, type SavedQuery } from './saved-query.ts';

function saved(file: string, ...lines: string[]): SavedQuery {
  const parsed = parseSavedQuery({ file, text: ['# title: t', '# description: d', ...lines].join('\n') });
  if ('problems' in parsed) throw new Error(parsed.problems.join());
  return parsed;
}
const call = (query: SavedQuery, given: Record<string, string> = {}) => callFor(query, new Map(Object.entries(given)));

const instant = saved('a.promql', '# variables: ns=.* node=n1', 'x{ns=~"$ns", node=~"$node"}');
const spanned = saved('b.promql', '# range: 1h', 'increase(x[$range])');
const ranged = saved('c.promql', '# range: 6h', 'x');
const logs = saved('d.logql', '# range: 24h', '# variables: ns=.+', '{ns=~"$ns"}');

describe('callFor', () => {
  it('fills in what is given, presets for what is not or is empty', () => {
    expect(call(instant)).toEqual({ tool: 'promql.query', arguments: { expr: 'x{ns=~".*", node=~"n1"}' } });
    expect(call(instant, { ns: 'kube-\\d"', node: '' }).arguments).toEqual({
      expr: 'x{ns=~"kube-\\\\d\\"", node=~"n1"}',
    });
  });

  it('looks at one moment, over a span, or at one moment with the span inside', () => {
    expect(call(instant, { range: '2h' }).arguments).toMatchObject({ range: '2h' });
    expect(call(ranged).arguments).toEqual({ expr: 'x', range: '6h' });
    expect(call(spanned).arguments).toEqual({ expr: 'increase(x[1h])' });
    expect(call(spanned, { range: '1.5h' }).arguments).toEqual({ expr: 'increase(x[5400s])' });
    expect(call(spanned, { range: 'last 2 hours' }).arguments).toEqual({ expr: 'increase(x[7200s])' });
  });

  it('asks Loki for logs', () => {
    expect(call(logs)).toEqual({ tool: 'loki.query', arguments: { logql: '{ns=~".+"}', since: '24h' } });
    expect(call(logs, { range: '10m', ns: 'shop' }).arguments).toEqual({ logql: '{ns=~"shop"}', since: '10m' });
  });

  it('asks Loki for numbers over the span that is inside', () => {
    const counted = saved('e.logql', '# range: 1h', 'sum(count_over_time({a="b"}[$range]))');
    expect(call(counted, { range: '2h' })).toEqual({
      tool: 'loki.query',
      arguments: { logql: 'sum(count_over_time({a="b"}[2h]))', since: '2h' },
    });
  });

  it.each([
    [{ pod: 'x' }, 'pod: no such variable'],
    [{ range: '1h]) or vector(1' }, 'range: "1h]) or vector(1" is no time span'],
    [{ range: '0s' }, 'range: "0s" is no time span'],
    [{ range: 'x'.repeat(300) }, 'range: is 300 characters long; 200 are the most'],
    [{ range: '1h\u0000' }, 'range: has an invisible character'],
  ])('refuses %j', (given, message) => {
    expect(() => call(spanned, given)).toThrow(
      expect.objectContaining({
        code: 'invalid_argument',
        message: expect.stringContaining(message),
        hint: 'b.promql takes range.',
      }),
    );
  });
});
