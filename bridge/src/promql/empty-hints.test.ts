import { describe, expect, it } from 'vitest';
import { cannedPrometheus } from '../../test/canned-prometheus.ts';
import { ToolError } from '../errors.ts';
import type { Prometheus } from '../upstreams/prometheus.ts';
import { emptyHints } from './empty-hints.ts';
import { outline } from './expression-outline.ts';

const TIME = 1_700_000_000;

interface Facts {
  /** By what stands inside `label_replace(…, "telemcp_asked", …)`. */
  counts?: Readonly<Record<string, number>>;
  values?: Readonly<Record<string, readonly string[]>>;
  /** When series that are gone were last there, by job. */
  seen?: Readonly<Record<string, number>>;
  /** The same of looks over the last month. */
  long?: Readonly<Record<string, number>>;
  /** Series that were there at some time within the last hours, by job. */
  briefly?: Readonly<Record<string, number>>;
  /** Targets that are down, by job. */
  down?: Readonly<Record<string, number>>;
}

const sample = (labels: Record<string, string>, value: number) => ({ labels, time: TIME, value, histogram: null });

/** A Prometheus that knows some facts; the real one answers the same questions in test/prometheus.test.ts. */
function fake({ counts = {}, values = {}, seen = {}, long = {}, briefly = {}, down = {} }: Facts) {
  const asked: string[] = [];
  const prometheus: Prometheus = {
    ...cannedPrometheus({}),
    query: async (expr) => {
      asked.push(expr);
      const byJob = (figures: Readonly<Record<string, number>>) =>
        Object.entries(figures).map(([job, value]) => sample(job === '' ? {} : { job }, value));
      const marks = [...expr.matchAll(/label_replace\((.+?), "telemcp_asked", "(\w+)", "", ""\)/g)];
      const samples = expr.startsWith('max by (job)')
        ? byJob(expr.includes('[30d:6h]') ? long : seen)
        : expr.startsWith('count by (job) (last_over_time')
          ? byJob(briefly)
          : expr.startsWith('count by (job)')
            ? byJob(down)
            : marks.flatMap(([, question = '', mark = '']) =>
                counts[question] === undefined ? [] : [sample({ telemcp_asked: mark }, counts[question])],
              );
      return { result: { type: 'vector', samples }, warnings: [], infos: [] };
    },
    labelValues: async (label, { match }) => {
      asked.push(`values of ${label} ${match ?? ''}`);
      return values[label] ?? [];
    },
    targets: async () => ({
      active: ['a:1', 'b:1'].map((instance, index) => ({
        scrapePool: 'gone',
        scrapeUrl: `http://${instance}/metrics`,
        labels: { job: 'gone', instance },
        health: index === 0 ? 'up' : 'down',
        lastError: index === 0 ? null : 'connection refused',
        lastScrape: null,
      })),
      droppedByPool: null,
    }),
  };
  const hints = (expr: string, isNow = true) =>
    emptyHints(outline(expr), { time: TIME, isNow }, prometheus, new AbortController().signal).then((all) =>
      all.join(' '),
    );
  return { asked, hints, prometheus };
}

describe('hints on an empty answer', () => {
  it('name the metrics that an unknown one may have been meant for, and whose targets are down', async () => {
    const { hints, asked } = fake({
      down: { api: 1, gone: 3, web: 1 },
      values: { __name__: ['http_requests_total', 'up'] },
    });
    expect(await hints('rate(http_request_total{code="500"}[5m])')).toBe(
      'no metric http_request_total among 2; near it: http_requests_total. ' +
        '5 scrape targets are down (up == 0): 3 of job gone, 1 of job api, 1 of job web.',
    );
    expect(asked).toHaveLength(3);
  });

  it('look at targets at the time that the expression is about', async () => {
    const { hints } = fake({ down: { api: 1 }, values: { __name__: ['up'] } });
    expect(await hints('gone_total offset 1d')).toContain('1 scrape target is down (up offset 1d == 0): 1 of job api.');
  });

  it('say when a known metric was last seen, from whom, and why that is silent now', async () => {
    const { hints } = fake({
      seen: { gone: TIME - 1000, other: TIME - 5000 },
      counts: { 'count(up{job="gone"} offset 1h)': 2, 'count(up{job="gone"} offset 1h == 0)': 1 },
      values: { __name__: ['gone'] },
    });
    expect(await hints('gone{a="b"} offset 1h')).toBe(
      'gone offset 1h was last seen at 2023-11-14T21:56:40Z, 16m40s before that time, from job gone. ' +
        '1 of 2 targets with job="gone" are down: connection refused.',
    );
  });

  it('tell what a target says of itself of the present only', async () => {
    const facts = {
      seen: { gone: TIME - 60 },
      counts: { 'count(up{job="gone"})': 1, 'count(up{job="gone"} == 0)': 1 },
      values: { __name__: ['gone'] },
    };
    expect(await fake(facts).hints('gone')).toContain('its target (job="gone") is down: connection refused.');
    expect(await fake(facts).hints('gone', false)).toMatch(/its target \(job="gone"\) is down\.$/);
  });

  it.each([
    [{}, 'no target with job="gone" was scraped then.'],
    [{ 'count(up{job="gone"})': 2 }, '2 targets with job="gone" are up.'],
  ])('tell a target that is no longer scraped from one that no longer has the metric', async (counts, words) => {
    const { hints } = fake({ seen: { gone: TIME - 60 }, counts, values: { __name__: ['gone'] } });
    expect(await hints('gone')).toContain(words);
  });

  it('tell what was there long ago, or between two looks, from what was not', async () => {
    const values = { __name__: ['gone'] };
    expect(await fake({ values, long: { '': TIME - 86_400 } }).hints('gone')).toBe(
      'gone was last seen at 2023-11-13T22:13:20Z, 1d before that time.',
    );
    expect(await fake({ values, briefly: { job1: 3 } }).hints('gone')).toBe(
      'gone was there for a short time within the 6h before that time, from job job1. no target with job="job1" was scraped then.',
    );
    expect(await fake({ values }).hints('gone')).toBe(
      'gone is known, but has no sample in the 6h before that time, nor at a look every 6h over 30d.',
    );
  });

  it('name the matcher to blame and the values there are', async () => {
    const { hints, asked } = fake({
      counts: { 'count(m)': 16, 'count(m{job="a"})': 4 },
      values: { mode: ['idle', 'user', 'system'] },
    });
    expect(await hints('m{job="a",mode="idel"}')).toBe(
      'm has 16 series, but none with mode="idel"; mode there: idle, user, system.',
    );
    expect(asked.at(-1)).toBe('values of mode m{job="a"}');
    expect(asked).toHaveLength(6);
  });

  it('do not call a value wrong that was there until its target went down', async () => {
    const { hints } = fake({
      seen: { gone: TIME - 60 },
      counts: {
        'count(m)': 16,
        'count(up{job="gone",instance="b:1"})': 1,
        'count(up{job="gone",instance="b:1"} == 0)': 1,
      },
    });
    expect(await hints('m{instance="b:1"}')).toBe(
      'm has 16 series, but none with instance="b:1"; was last seen at 2023-11-14T22:12:20Z, 1m before that time, from job gone. ' +
        'its target (job="gone", instance="b:1") is down: connection refused.',
    );
  });

  it('say that a label does not exist', async () => {
    const { hints } = fake({ counts: { 'count(m)': 16 } });
    expect(await hints('m{pod_name="x"}')).toBe(
      'm has 16 series, but none with pod_name="x"; no series has the label pod_name.',
    );
  });

  it('say that matchers exclude each other', async () => {
    const { hints } = fake({ counts: { 'count(m)': 9, 'count(m{a="1"})': 3, 'count(m{b="2"})': 5 } });
    expect(await hints('m{a="1",b="2"}')).toBe(
      'm has 9 series, but none that meets all conditions; without a="1": 5, without b="2": 3.',
    );
  });

  it('work without a metric name, and never ask for everything', async () => {
    const { hints, asked } = fake({ values: { job: ['node', 'api'] } });
    expect(await hints('{job="nodes"}')).toBe('no series with job="nodes"; job there: node (of 2).');
    expect(asked.join()).not.toContain('count()');
  });

  it('say that the selectors are not to blame', async () => {
    const { hints, asked } = fake({ counts: { 'count(up)': 3 } });
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

  it('are those before Prometheus failed, and a bug is still a bug', async () => {
    const failing = (error: Error) => {
      const { prometheus } = fake({ values: { __name__: ['up'] } });
      const query: Prometheus['query'] = (expr, ...rest) =>
        expr.startsWith('count by') ? Promise.reject(error) : prometheus.query(expr, ...rest);
      const moment = { time: TIME, isNow: true };
      return emptyHints(outline('upp'), moment, { ...prometheus, query }, new AbortController().signal);
    };
    expect(await failing(new ToolError('timeout', 'too slow'))).toEqual(['no metric upp among 1; near it: up.']);
    await expect(failing(new TypeError('bug'))).rejects.toThrow('bug');
  });
});
