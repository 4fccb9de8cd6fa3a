import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPng, uppermost } from '../../test/read-png.ts';
import { outline } from '../promql/expression-outline.ts';
import type { Series } from '../upstreams/prometheus-result.ts';
import { planRangeChart, rangeChart } from './range-chart.ts';

const END = Date.parse('2026-03-01T12:00:00Z') / 1000;
const STEPS = 60;
const plan = { start: END - 3600, end: END, step: 60, notes: [] };
const BLUE = '#0072b2';
const VERMILLION = '#d55e00';
/** Below it is the legend. */
const PLOT_BOTTOM = 394;

type Value = (step: number) => number | null;

function seriesOf(labels: Record<string, string>, value: Value, steps = STEPS, step = 60): Series {
  const all = Array.from({ length: steps + 1 }, (_, index) => ({
    time: END - (steps - index) * step,
    value: value(index),
  }));
  const seen = all.flatMap(({ time, value: each }) => (each === null ? [] : [{ time, value: each }]));
  return { labels, times: seen.map(({ time }) => time), values: seen.map((one) => one.value), histograms: [] };
}

function request(expr: string, limit = 20) {
  return { outline: outline(expr), plan, window: 'range 1h, step 1m', limit };
}

function planned(series: readonly Series[], expr = 'x', limit = 20) {
  const found = planRangeChart({ type: 'matrix', series }, request(expr, limit));
  if (found.kind === 'none') throw new Error(found.reason);
  return found.chart;
}

function drawn(series: readonly Series[], expr = 'x', of = plan): Buffer {
  const found = rangeChart({ type: 'matrix', series }, { ...request(expr), plan: of });
  if (found.kind === 'none') throw new Error(found.reason);
  return Buffer.from(found.picture.data);
}

/** The line of a colour in the plot, column by column. */
const lineIn = (png: Buffer, colour: string) =>
  uppermost(readPng(png), colour).filter(({ x, y }) => x > 100 && x < 966 && y < PLOT_BOTTOM);

describe('a chart says', () => {
  it('what it is of, with labels that differ, the last value, and where a series ended', () => {
    const labels = { __name__: 'node_memory_Active_bytes', job: 'node', instance: 'a' };
    const chart = planned(
      [
        seriesOf(labels, () => 1024 ** 3),
        seriesOf({ ...labels, instance: 'b' }, (step) => (step > 30 ? null : 3.25 * 1024 ** 3)),
      ],
      'node_memory_Active_bytes',
    );
    expect(chart).toMatchObject({
      title: 'node_memory_Active_bytes',
      subtitle: 'range 1h, step 1m · 2026-03-01 11:00 to 12:00 UTC · bytes',
      lines: [
        { label: 'instance=b', figure: 'last 3.25 GiB at 11:30' },
        { label: 'instance=a', figure: 'last 1 GiB' },
      ],
      remarks: ['all: job=node'],
    });
  });

  it('how many series are not drawn, and which are', () => {
    const many = Array.from({ length: 10_000 }, (_, index) =>
      seriesOf({ instance: `n${index}` }, () => (index * 7919) % 10_007),
    );
    const chart = planned(many);
    expect(chart.lines.map(({ figure }) => figure)).toHaveLength(10);
    expect(chart.lines[0]?.figure).toBe('last 10.01k');
    expect(chart.remarks).toEqual(['and 9990 more series, not drawn; these have the highest values']);
    expect(planned(many, 'bottomk(5, x)', 3)).toMatchObject({
      lines: [{ figure: 'last 0' }, { figure: 'last 1' }, { figure: 'last 2' }],
      remarks: ['and 9997 more series, not drawn; these have the lowest values'],
    });
  });

  it('how many samples cannot be drawn', () => {
    const bad = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e305];
    const chart = planned([seriesOf({ a: 'b' }, (step) => bad[step] ?? 5)]);
    expect(chart.remarks).toEqual(['all: a=b', '4 samples NaN or infinite, left out']);
    expect(chart.lines[0]?.figure).toBe('last 5');
  });

  it('no secret, and nothing endless', () => {
    const secret = `ghp_${'a1B2c3D4'.repeat(5)}`;
    const series = [
      seriesOf({ token: secret, path: 'x'.repeat(5000) }, () => 2),
      seriesOf({ token: 'other', path: '\u001b[31m' }, () => 1),
    ];
    const chart = planned(series, `x{token="${secret}"${',y="z"'.repeat(500)}}`);
    expect(JSON.stringify(chart)).not.toContain(secret);
    expect(chart.title.length).toBeLessThanOrEqual(200);
    expect(chart.lines[0]?.label.length).toBeLessThanOrEqual(160);
  });

  it.each([
    ['no series', { type: 'matrix', series: [] } as const, 'no chart: no series.'],
    ['a number', { type: 'scalar', time: END, value: 5 } as const, 'no chart: the answer is a scalar'],
    [
      'only NaN',
      { type: 'matrix', series: [seriesOf({}, () => Number.NaN)] } as const,
      'no chart: all values are NaN or infinite.',
    ],
    [
      'native histograms',
      { type: 'matrix', series: [{ labels: {}, times: [], values: [], histograms: [] }] } as const,
      'no chart: native histograms have no one value',
    ],
  ])('why there is none of %s', (_, result, reason) => {
    expect(rangeChart(result, request('x'))).toEqual({ kind: 'none', reason: expect.stringContaining(reason) });
  });
});

describe('a picture', () => {
  it('has a rising series go up, from the lower left to the upper right', () => {
    const line = lineIn(drawn([seriesOf({}, (step) => step)]), BLUE);
    expect(line.length).toBeGreaterThan(850);
    for (const [index, { y }] of line.entries()) if (index > 0) expect(y).toBeLessThanOrEqual(line[index - 1]!.y);
    expect(line[0]!.y).toBeGreaterThan(360);
    expect(line.at(-1)!.y).toBeLessThan(60);
  });

  it('has a gap where there are no samples, and nothing but it', () => {
    const line = lineIn(drawn([seriesOf({}, (step) => (step > 20 && step < 40 ? null : 1))]), BLUE);
    const jumps = line.flatMap(({ x }, index) =>
      index > 0 && x - line[index - 1]!.x > 2 ? [x - line[index - 1]!.x] : [],
    );
    expect(jumps).toHaveLength(1);
    // 20 of 60 steps of a plot of some 920 pixels.
    expect(jumps[0]).toBeGreaterThan(290);
    expect(jumps[0]).toBeLessThan(320);
  });

  it('tells lines apart by dashes as well', () => {
    const png = drawn([seriesOf({ a: '1' }, () => 2), seriesOf({ a: '2' }, () => 1)]);
    const [whole, dashed] = [lineIn(png, BLUE), lineIn(png, VERMILLION)];
    expect(whole.length).toBeGreaterThan(860);
    expect(dashed.length).toBeGreaterThan(400);
    expect(dashed.length).toBeLessThan(700);
  });

  it('has the highest series on top of others', () => {
    const same = (a: string, peak: number) => seriesOf({ a }, (step) => (step === 0 ? peak : 5));
    const png = drawn([same('low', 6), same('high', 10)]);
    expect(lineIn(png, BLUE).length).toBeGreaterThan(860);
    expect(lineIn(png, VERMILLION).length).toBeLessThan(40);
  });

  it.each<[string, Value]>([
    ['one sample', (step) => (step === 30 ? 5 : null)],
    ['all equal', () => 1],
    ['all zero', () => 0],
    ['negative', (step) => -step],
    ['huge', (step) => step * 1e298],
    ['of both signs and huge', (step) => (step % 2 === 0 ? 1e300 : -1e300)],
    ['tiny', (step) => step * 5e-324],
    ['hardly different', (step) => 1e15 + step],
    ['with NaN and infinities', (step) => [1, Number.NaN, 2, Number.POSITIVE_INFINITY][step % 4] ?? 0],
  ])('can be drawn of values that are %s', (_, value) => {
    expect(lineIn(drawn([seriesOf({}, value)]), BLUE).length).toBeGreaterThan(3);
  });

  it('can be drawn of anything, whole and no larger than it may be', () => {
    const value = fc.option(fc.double(), { freq: 5 });
    const label = fc.string({ unit: 'binary', maxLength: 300 });
    const one = fc.record({ label, values: fc.array(value, { minLength: 61, maxLength: 61 }) });
    fc.assert(
      fc.property(
        fc.array(one, { minLength: 1, maxLength: 12 }),
        fc.constantFrom('x_bytes', 'x_seconds', 'x'),
        (all, expr) => {
          const series = all.map(({ label: a, values }) => seriesOf({ a }, (step) => values[step] ?? null));
          const found = rangeChart({ type: 'matrix', series }, request(expr));
          if (found.kind === 'none') return;
          const { width, height } = readPng(found.picture.data);
          expect(width).toBe(1000);
          expect(height).toBeLessThan(700);
          expect(found.picture.data.length).toBeLessThan(100_000);
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each([61, 200, 900, 11_000])('of ten series of %d points of noise has less than 100 kB', (points) => {
    let seed = 1;
    const noise = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31;
    };
    const series = Array.from({ length: 10 }, (_, index) => seriesOf({ a: `${index}` }, noise, points - 1, 15));
    const png = drawn(series, 'x', { start: END - (points - 1) * 15, end: END, step: 15, notes: [] });
    expect(lineIn(png, BLUE).length).toBeGreaterThan(500);
    expect(png.length).toBeLessThan(100_000);
  });

  it('is the same for the same series', () => {
    const series = () => [1, 2, 3].map((factor) => seriesOf({ a: `${factor}` }, (step) => factor * Math.sin(step / 5)));
    expect(drawn(series()).equals(drawn(series()))).toBe(true);
  });
});
