import type { Cell, Table } from '../answer.ts';
import { compactNumber } from '../format.ts';
import { showMoment } from '../format-time.ts';
import type { Labels, Series } from '../upstreams/prometheus-result.ts';
import { layOutLabels } from './label-layout.ts';
import { estimateQuantile, type Observations } from './observations.ts';
import type { RangePlan } from './range-plan.ts';

/** Which series come first. `given` is the order in which Prometheus answered. */
export type Order = 'highest' | 'lowest' | 'given';

const ORDERS = { highest: 'highest first', lowest: 'lowest first', given: 'in the order of the query' } as const;

/** The first `limit` series by their value; NaN comes last. */
export function valueTable(series: readonly { labels: Labels; value: number }[], order: Order, limit: number): Table {
  return table(
    sortBy(series, order, ({ value }) => value),
    order,
    limit,
    ['value'],
    ({ value }) => [compactNumber(value)],
  );
}

const QUANTILES = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p99', 0.99],
] as const;

/** The first `limit` histograms by their count: mean and estimated quantiles. */
export function histogramTable(
  series: readonly { labels: Labels; histogram: Observations }[],
  order: Order,
  limit: number,
): Table {
  const sorted = sortBy(series, order, ({ histogram }) => histogram.count);
  const summed = series.some(({ histogram }) => histogram.sum !== null);
  const columns = ['count', ...(summed ? ['sum', 'avg'] : []), ...QUANTILES.map(([name]) => name)];
  return table(sorted, order, limit, columns, ({ histogram }) => {
    const { count, sum } = histogram;
    return [
      compactNumber(count),
      ...(summed
        ? [sum, sum === null ? null : sum / count].map((value) => (value === null ? null : compactNumber(value)))
        : []),
      ...QUANTILES.map(([, quantile]) => roundedNumber(estimateQuantile(histogram, quantile))),
    ];
  });
}

/** What of a series over time is shown besides its figures. */
export interface RangeOptions {
  /** When the series was evaluated; null for raw samples. */
  plan: RangePlan | null;
  /** Values to show of each series; 0 for none. */
  points: number;
}

/** The first `limit` series over time by their highest (`lowest`: their lowest) value. NaN counts in no figure but `last`. */
export function rangeTable(all: readonly Series[], order: Order, limit: number, options: RangeOptions): Table {
  const { plan, points } = options;
  const measured = all.map((series) => ({ labels: series.labels, series, stats: statsOf(series.values) }));
  const sorted = sortBy(measured, order, ({ stats }) => (order === 'lowest' ? stats.min : stats.max));
  const steps = plan === null ? 0 : stepsOf(plan) + 1;
  const seen = plan === null ? [] : [...new Set(all.map((series) => seenOf(series, plan, steps) ?? ''))];
  const gaps = seen.length > 1;
  const columns = [
    ...(plan === null ? ['samples'] : []),
    ...['last', 'min', 'max', 'avg', 'trend'],
    ...(points > 0 ? ['points'] : []),
    ...(gaps ? ['seen'] : []),
  ];
  const shown = table(sorted, order, limit, columns, ({ series, stats }) => [
    ...(plan === null ? [series.times.length] : []),
    ...[stats.last, stats.min, stats.max, stats.avg].map(roundedNumber),
    trendOf(series.values),
    ...(points > 0 ? [pointsOf(series, plan, points)] : []),
    ...(gaps && plan !== null ? [seenOf(series, plan, steps)] : []),
  ]);
  const [everywhere = ''] = seen;
  return gaps || everywhere === '' ? shown : { ...shown, common: { ...shown.common, seen: everywhere } };
}

/** Points that are shown lie this many steps apart. */
export function pointStride(plan: RangePlan, points: number): number {
  return Math.ceil((stepsOf(plan) + 1) / points);
}

function table<T extends { labels: Labels }>(
  sorted: readonly T[],
  order: Order,
  limit: number,
  figures: readonly string[],
  cells: (entry: T) => Cell[],
): Table {
  const shown = sorted.slice(0, limit);
  const layout = layOutLabels(
    sorted.map(({ labels }) => labels),
    shown.map(({ labels }) => labels),
  );
  // A label may bear the name of a figure, as after count_values("value", …).
  const labelColumns = layout.columns.map((name) => (figures.includes(name) ? `{${name}}` : name));
  const { last } = layout;
  return {
    ...(Object.keys(layout.common).length === 0 ? {} : { common: layout.common }),
    columns: [...labelColumns, ...figures, ...(last === null ? [] : ['labels'])],
    rows: shown.map((entry) => [
      ...layout.cells(entry.labels),
      ...cells(entry),
      ...(last === null ? [] : [last(entry.labels)]),
    ]),
    total: sorted.length,
    order: ORDERS[order],
  };
}

function sortBy<T>(entries: readonly T[], order: Order, key: (entry: T) => number): readonly T[] {
  if (order === 'given') return entries;
  const sign = order === 'highest' ? 1 : -1;
  return entries
    .map((entry) => ({ entry, by: key(entry) }))
    .sort((a, b) => {
      if (Number.isNaN(a.by) || Number.isNaN(b.by)) return Number(Number.isNaN(a.by)) - Number(Number.isNaN(b.by));
      return a.by === b.by ? 0 : a.by < b.by ? sign : -sign;
    })
    .map(({ entry }) => entry);
}

function statsOf(values: readonly number[]): { last: number; min: number; max: number; avg: number } {
  let min = Number.NaN;
  let max = Number.NaN;
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    if (!(value >= min)) min = value;
    if (!(value <= max)) max = value;
    sum += value;
    count += 1;
  }
  return { last: values.at(-1) ?? Number.NaN, min, max, avg: sum / count };
}

/** The mean of the last third against that of the first, told apart from a tenth on; null when there are too few values. */
function trendOf(values: readonly number[]): 'rising' | 'falling' | 'steady' | null {
  const finite = values.filter(Number.isFinite);
  if (finite.length < 6) return null;
  const third = Math.floor(finite.length / 3);
  const mean = (part: readonly number[]) => part.reduce((sum, value) => sum + value, 0) / part.length;
  const first = mean(finite.slice(0, third));
  const last = mean(finite.slice(-third));
  if (Math.abs(last - first) <= 0.1 * Math.max(Math.abs(first), Math.abs(last))) return 'steady';
  return last > first ? 'rising' : 'falling';
}

/** A figure among many: four digits, whole numbers in full. */
function roundedNumber(value: number): ReturnType<typeof compactNumber> {
  return compactNumber(Number.isInteger(value) || Math.abs(value) >= 1e4 ? value : Number(value.toPrecision(4)));
}

function stepsOf({ start, end, step }: RangePlan): number {
  return Math.round((end - start) / step);
}

/** At how many of the evaluations the series was there, and from or until when; null when at all of them. */
function seenOf({ times }: Series, { start, end, step }: RangePlan, steps: number): string | null {
  if (times.length >= steps) return null;
  // The end of the range stands in the header with its date; a time of another day needs its own.
  const asOf = new Date(end * 1000).toISOString();
  const clock = (seconds: number) => showMoment(new Date(seconds * 1000).toISOString(), asOf);
  const first = times[0] ?? start;
  const last = times.at(-1) ?? end;
  const from = first > start + step / 2 ? ` from ${clock(first)}` : '';
  const until = last < end - step / 2 ? ` until ${clock(last)}` : '';
  return `${times.length}/${steps}${from}${until}`;
}

/** Values apart by commas, oldest first, the last one at the end of the range; `-` where the series was not there. */
function pointsOf({ times, values }: Series, plan: RangePlan | null, points: number): string {
  if (plan === null) return values.slice(-points).map(roundedNumber).join(',');
  const steps = stepsOf(plan);
  const at = new Map(times.map((time, index) => [Math.round((time - plan.start) / plan.step), values[index]]));
  const stride = pointStride(plan, points);
  const shown: (number | string)[] = [];
  for (let step = steps; step >= 0; step -= stride) {
    const value = at.get(step);
    shown.push(value === undefined ? '-' : roundedNumber(value));
  }
  return shown.reverse().join(',');
}
