import { rangeChart } from '../bridge/src/charts/range-chart.ts';
import { outline } from '../bridge/src/promql/expression-outline.ts';
import type { QueryResult } from '../bridge/src/upstreams/prometheus-result.ts';
import type { BenchOptions, BenchRow } from './agent.ts';

const END = 1_772_366_400;
const STEP = 15;

/** What a chart takes and weighs: the first one of the process, then the median, of smooth series and of noise. */
export async function benchChart({ scale }: BenchOptions): Promise<BenchRow[]> {
  const cases = [
    { what: '3 series, 61 points', series: 3, points: 61, noise: 0.1 },
    { what: '10,000 series, 61 points', series: 10_000, points: 61, noise: 0.1 },
    { what: '10 series, 11,000 points', series: 10, points: 11_000, noise: 0.1 },
    { what: '10 series, 900 points, noise only', series: 10, points: 900, noise: 1 },
  ];
  return cases.map(({ what, series, points, noise }): BenchRow => {
    const result = waves(series, points, noise);
    const plan = { start: END - (points - 1) * STEP, end: END, step: STEP, notes: [] };
    const request = { outline: outline('rate(x_bytes_total[5m])'), plan, window: `${points} points`, limit: 20 };
    const times: number[] = [];
    let bytes = 0;
    for (let run = 0; run < Math.max(3, Math.ceil(20 * scale)); run += 1) {
      const startedAt = performance.now();
      const chart = rangeChart(result, request);
      times.push(performance.now() - startedAt);
      bytes = chart.kind === 'chart' ? chart.picture.data.length : 0;
    }
    const first = times[0] ?? 0;
    const median = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
    return {
      what,
      'first ms': first.toFixed(0),
      'p50 ms': median.toFixed(0),
      kB: (bytes / 1000).toFixed(0),
    };
  });
}

function waves(count: number, points: number, noise: number): QueryResult {
  let seed = 1;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  const times = Array.from({ length: points }, (_, index) => END - (points - 1 - index) * STEP);
  const series = Array.from({ length: count }, (_, index) => ({
    labels: { instance: `10.0.${index % 256}.${index >> 8}:9100`, job: 'node' },
    times,
    values: times.map((_, at) => 1e6 * ((1 - noise) * (2 + Math.sin(index + (at * 20) / points)) + noise * random())),
    histograms: [],
  }));
  return { type: 'matrix', series };
}
