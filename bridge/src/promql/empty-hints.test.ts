import { describe, expect, it } from 'vitest';
import { ToolError } from '../errors.ts';
import type { Prometheus } from '../upstreams/prometheus.ts';
import { emptyHints } from './empty-hints.ts';
import { outline } from './expression-outline.ts';

/**
 * A Prometheus that answers the marked counts from `counts`: what stands inside `label_replace(…, "telemcp_asked", …)`.
 * The real one answers the same questions in test/prometheus.test.ts.
 */
function fake(counts: Readonly<Record<string, number>>, values: Readonly<Record<string, readonly string[]>> = {}) {
  const asked: string[] = [];
  const prometheus: Prometheus = {
    name: 'prometheus',
    address: 'http://fake',
    query: async (expr) => {
      asked.push(expr);
      const marks = [...expr.matchAll(/label_replace\((.+?), "telemcp_asked", "(\w+)", "", ""\)/g)];
      const samples = marks.flatMap(([, question = '', mark = '']) =>
        counts[question] === undefined
          ? []
          : [{ labels: { telemcp_asked: mark }, time: 0, value: counts[question], histogram: null }],
      );
      return { result: { type: 'vector', samples }, warnings: [], infos: [] };
    },
    queryRange: async () => {
      throw new Error('not asked here');
    },
    labelValues: async (label, { match }) => {
      asked.push(`values of ${label} ${match ?? ''}`);
      return values[label] ?? [];
    },
    close: async () => undefined,
  };
  const hints = (expr: string) =>
    emptyHints(outline(expr), 1_700_000_000, prometheus, new AbortController().signal).then((all) => all.join(' '));
  return { asked, hints, prometheus };
}

describe('hints on an empty answer', () => {
  it('name the metrics that an unknown one may have been meant for, and count targets that are down', async () => {
    const { hints, asked } = fake({ 'count(up == 0)': 2 }, { __name__: ['http_requests_total', 'up'] });
    expect(await hints('rate(http_request_total{code="500"}[5m])')).toBe(
      'no metric http_request_total among 2; near it: http_requests_total. 2 scrape targets are down: up == 0.',
    );
    expect(asked).toHaveLength(3);
  });

  it('say when a known metric was last seen', async () => {
    const { hints, asked } = fake(
      { 'max(max_over_time(timestamp(gone offset 1h)[6h:5m]))': 1_699_999_000 },
      { __name__: ['gone'] },
    );
    expect(await hints('gone{a="b"} offset 1h')).toBe(
      'gone offset 1h was last seen at 2023-11-14T21:56:40Z, 16m40s before that time.',
    );
    expect(asked).toHaveLength(3);
  });

  it('name the matcher to blame and the values there are', async () => {
    const { hints, asked } = fake({ 'count(m)': 16, 'count(m{job="a"})': 4 }, { mode: ['idle', 'user', 'system'] });
    expect(await hints('m{job="a",mode="idel"}')).toBe(
      'm has 16 series, but none with mode="idel"; mode there: idle, user, system.',
    );
    expect(asked.at(-1)).toBe('values of mode m{job="a"}');
    expect(asked).toHaveLength(3);
  });

  it('say that a label does not exist', async () => {
    const { hints } = fake({ 'count(m)': 16 });
    expect(await hints('m{pod_name="x"}')).toBe(
      'm has 16 series, but none with pod_name="x"; no series has the label pod_name.',
    );
  });

  it('say that matchers exclude each other', async () => {
    const { hints } = fake({ 'count(m)': 9, 'count(m{a="1"})': 3, 'count(m{b="2"})': 5 });
    expect(await hints('m{a="1",b="2"}')).toBe(
      'm has 9 series, but none that meets all conditions; without a="1": 5, without b="2": 3.',
    );
  });

  it('work without a metric name, and never ask for everything', async () => {
    const { hints, asked } = fake({}, { job: ['node', 'api'] });
    expect(await hints('{job="nodes"}')).toBe('no series with job="nodes"; job there: node (of 2).');
    expect(asked.join()).not.toContain('count()');
  });

  it('say that the selectors are not to blame', async () => {
    const { hints, asked } = fake({ 'count(up)': 3 });
    expect(await hints('rate(up[5s]) > 1')).toBe(
      'up selects 3 series; so a comparison, join or function leaves nothing. A window of 5s must hold two samples for rate and its like.',
    );
    expect(asked).toHaveLength(1);
  });

  it('are none for an expression without selectors', async () => {
    const { hints, asked } = fake({});
    expect(await hints('vector(1) == 2')).toBe('');
    expect(asked).toEqual([]);
  });

  it('are none when Prometheus fails, and a bug is still a bug', async () => {
    const failing = (error: Error) =>
      emptyHints(
        outline('up'),
        0,
        { ...fake({}).prometheus, query: () => Promise.reject(error) },
        new AbortController().signal,
      );
    expect(await failing(new ToolError('timeout', 'too slow'))).toEqual([]);
    await expect(failing(new TypeError('bug'))).rejects.toThrow('bug');
  });
});
