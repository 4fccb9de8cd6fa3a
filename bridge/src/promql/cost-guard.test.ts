import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cannedPrometheus } from '../../test/canned-prometheus.ts';
import { ToolError } from '../errors.ts';
import { guardCost } from './cost-guard.ts';
import { outline } from './expression-outline.ts';
import { planRange } from './range-plan.ts';

const end = new Date('2026-03-01T12:00:00Z');

/** Guards an expression against a Prometheus in which every selector has `count` series. */
async function guard(expr: string, count: number | ToolError, over: { range?: string; step?: string } = {}) {
  const canned = count instanceof ToolError ? count : ([[{ telemcp_asked: '0' }, count]] as const);
  const prometheus = cannedPrometheus({ count: canned });
  const { range, step } = over;
  const plan = range === undefined ? null : planRange({ range, end, ...(step === undefined ? {} : { step }) });
  const time = end.getTime() / 1000;
  const guarded = guardCost(outline(expr), { plan, time }, prometheus, new AbortController().signal);
  return { prometheus, notes: await guarded };
}

describe('the guard on costs', () => {
  it.each<[string, { range?: string; step?: string }]>([
    ['up', {}],
    ['sum by (pod) (rate(container_cpu_usage_seconds_total[5m]))', { range: '30d' }],
    ['rate(m[5m])', { range: '1y' }],
    ['rate(m[7d])', {}],
    ['m', { range: '1h', step: '1s' }],
    ['m', { range: '7d', step: '1m' }],
    ['max_over_time(rate(m[5m])[1d:5m])', {}],
    ['1 + 1', {}],
    ['m[', {}],
  ])('asks nothing for %s over %j', async (expr, over) => {
    const { prometheus, notes } = await guard(expr, 1e9, over);
    expect(prometheus.asked).toEqual([]);
    expect(notes).toEqual([]);
  });

  it('counts the series of a selector without a name first, and lets few pass', async () => {
    const { prometheus, notes } = await guard('sum({job="a"}) / sum(b)', 99_000);
    expect(prometheus.asked).toEqual(['label_replace(count({job="a"}), "telemcp_asked", "0", "", "")']);
    expect(notes).toEqual([]);
  });

  it('refuses very many series without a name, and shows how to see which there are', async () => {
    await expect(guard('sum({job="a"}) / sum(b)', 2_000_000)).rejects.toMatchObject({
      code: 'too_large',
      upstream: 'prometheus',
      message: '{job="a"} selects 2000000 series',
      hint: expect.stringMatching(/This runs: topk\(20, count by \(__name__\) \(\{job="a"\}\)\)$/),
    });
  });

  it.each<[string, { range?: string; step?: string }, number, string]>([
    ['rate(m{a="1"}[30d])', {}, 10_000, 'rate(m{a="1"}[7d])'],
    ['max_over_time(rate(m[5m])[30d:1m])', {}, 5000, 'max_over_time(rate(m[5m])[3d:1m])'],
    [
      'avg_over_time(m[1w]) / n',
      { range: '7d', step: '10m' },
      20_000,
      'avg_over_time(m[3h]) / n (range 3h, without step)',
    ],
    ['m', { range: '30d', step: '5m' }, 20_000, 'm (range 30d, without step)'],
  ])('refuses %s over %j, and proposes less that runs', async (expr, over, count, runs) => {
    await expect(guard(expr, count, over)).rejects.toMatchObject({
      code: 'too_large',
      message: expect.stringMatching(/^about \d+ million samples to look at: m.* selects \d+ series$/),
      hint: expect.stringContaining(`This runs: ${runs}`),
    });
  });

  it('lets the same work on few series pass', async () => {
    const { prometheus, notes } = await guard('rate(m[30d])', 50);
    expect(prometheus.asked).toHaveLength(1);
    expect(notes).toEqual([]);
  });

  it('says so where the series cannot be counted', async () => {
    const { notes } = await guard('rate(m[30d])', new ToolError('timeout', 'too slow'));
    expect(notes).toEqual(['how much work this is could not be told beforehand.']);
  });

  it('never proposes what it would refuse again', async () => {
    const stretches = fc.constantFrom('5m', '1h', '1d', '30d', '1y', '30d:1m', '1d:1s', '6h:');
    const plans = fc.constantFrom<{ range?: string; step?: string }>(
      {},
      { range: '30d', step: '5m' },
      { range: '1y' },
      { range: '1d', step: '8s' },
    );
    await fc.assert(
      fc.asyncProperty(stretches, plans, fc.integer({ min: 1000, max: 10_000_000 }), async (window, over, count) => {
        const error: unknown = await guard(`f(m[${window}])`, count, over).catch((refused: unknown) => refused);
        if (!(error instanceof ToolError)) return;
        const [, expr = '', range] =
          /This runs: (.*?)(?: \(range (\w+), without step\))?$/.exec(error.hint ?? '') ?? [];
        expect(expr).toMatch(/^(?:f\(m\[[\w:]+\]\)|count\(m\))$/);
        await expect(guard(expr, count, range === undefined ? {} : { range })).resolves.toBeDefined();
      }),
    );
  });
});
