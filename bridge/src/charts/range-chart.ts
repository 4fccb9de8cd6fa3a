import type { Picture } from '../answer.ts';
import { briefText, countOf } from '../brief-text.ts';
import type { ExpressionOutline } from '../promql/expression-outline.ts';
import { layOutLabels } from '../promql/label-layout.ts';
import type { RangePlan } from '../promql/range-plan.ts';
import type { Labels, QueryResult, Series } from '../upstreams/prometheus-result.ts';
import { type Unit, unitOf } from './expression-unit.ts';
import { type ChartLine, drawLineChart, isDense, type LineChart } from './line-chart.ts';
import { runsOf } from './plot-runs.ts';
import { showClock, showPeriod } from './time-axis.ts';
import { LARGEST_DRAWN } from './value-axis.ts';
import { describeUnit, showValue } from './value-scale.ts';

/** What is to be drawn, and how it came about. */
export interface RangeChartRequest {
  outline: ExpressionOutline;
  plan: RangePlan;
  /** Window and step, as the answer says them. */
  window: string;
  /** Series drawn at most, besides the bound of a chart. */
  limit: number;
}

/** The chart, or why there is none. */
export type RangeChart = { kind: 'chart'; picture: Picture } | { kind: 'none'; reason: string };

type Order = 'highest' | 'lowest';

/** More lines are not told apart. */
const MAX_LINES = 10;
const MAX_LABEL = 160;
const MAX_COMMON = 300;
const MAX_TITLE = 200;

/** The series of a range as a line chart: the first ten as in the table of the answer; the others are counted. */
export function rangeChart(result: QueryResult, request: RangeChartRequest): RangeChart {
  const planned = planRangeChart(result, request);
  if (planned.kind === 'none') return planned;
  return { kind: 'chart', picture: { mimeType: 'image/png', data: drawLineChart(planned.chart) } };
}

/** What the chart of a range shows, or why there is none. */
export function planRangeChart(
  result: QueryResult,
  request: RangeChartRequest,
): { kind: 'chart'; chart: LineChart } | { kind: 'none'; reason: string } {
  const series = result.type === 'matrix' ? result.series.filter(({ values }) => values.length > 0) : [];
  if (series.length === 0) return { kind: 'none', reason: reasonOf(result) };
  const { plan, outline, window } = request;
  const shown = mostExtreme(series, orderOf(outline)).slice(0, Math.min(MAX_LINES, request.limit));
  const unit = unitOf(outline.text);
  const { common } = layOutLabels(
    shown.map(({ labels }) => labels),
    [],
  );
  const lines = shown.map((one) => lineOf(one, { plan, unit, common }));
  if (lines.every(({ runs }) => runs.length === 0))
    return { kind: 'none', reason: 'no chart: all values are NaN or infinite.' };
  const about = [window, showPeriod(plan.start, plan.end), describeUnit(unit)].filter((part) => part !== null);
  const chart: LineChart = {
    title: briefText(outline.text, MAX_TITLE),
    subtitle: about.join(' · '),
    from: plan.start,
    to: plan.end,
    step: plan.step,
    unit,
    lines,
    remarks: remarksOn(shown, series.length, common, request),
  };
  return { kind: 'chart', chart };
}

function lineOf(
  { labels, times, values }: Series,
  { plan, unit, common }: { plan: RangePlan; unit: Unit; common: Labels },
): ChartLine {
  const ended = times.at(-1) ?? plan.end;
  const when = ended < plan.end - plan.step / 2 ? ` at ${showClock(ended, plan.end)}` : '';
  return {
    label: labelOf(labels, common),
    figure: `last ${showValue(values.at(-1) ?? Number.NaN, unit)}${when}`,
    runs: runsOf(times, values, plan.step, LARGEST_DRAWN),
  };
}

function reasonOf(result: QueryResult): string {
  if (result.type !== 'matrix') return `no chart: the answer is a ${result.type}, not series over time.`;
  if (result.series.length === 0) return 'no chart: no series.';
  return 'no chart: native histograms have no one value; draw histogram_quantile(0.95, …) or histogram_avg(…) of them.';
}

function remarksOn(
  shown: readonly Series[],
  total: number,
  common: Labels,
  { outline, plan }: RangeChartRequest,
): string[] {
  const said = Object.entries(common).flatMap(([name, value]) => {
    if (name !== '__name__') return [`${name}=${value}`];
    return outline.text.includes(value) ? [] : [value];
  });
  const left = total - shown.length;
  const undrawn = shown.reduce(
    (sum, { values }) => sum + values.filter((value) => !(Math.abs(value) <= LARGEST_DRAWN)).length,
    0,
  );
  return [
    ...(said.length === 0 ? [] : [briefText(`all: ${said.join(', ')}`, MAX_COMMON)]),
    ...(left === 0 ? [] : [`and ${left} more series, not drawn; these have the ${orderOf(outline)} values`]),
    ...(isDense({ from: plan.start, to: plan.end, step: plan.step })
      ? ['several samples per pixel: the lines are their means, the pale bands reach from the lowest to the highest']
      : []),
    ...(undrawn === 0 ? [] : [`${countOf(undrawn, 'sample')} NaN or infinite, left out`]),
  ];
}

/** What tells the series from the others that are drawn. */
function labelOf(labels: Labels, common: Labels): string {
  const own = Object.keys(labels)
    .filter((name) => !(name in common))
    .sort();
  const named = own.map((name) => (name === '__name__' ? (labels[name] ?? '') : `${name}=${labels[name]}`)).join(', ');
  return briefText(named === '' ? (labels.__name__ ?? 'value') : named, MAX_LABEL);
}

/** As in the table: those with the highest maximum first, or those with the lowest minimum. */
function orderOf({ outermost }: ExpressionOutline): Order {
  return outermost === 'bottomk' || outermost === 'sort' ? 'lowest' : 'highest';
}

function mostExtreme(series: readonly Series[], order: Order): Series[] {
  return series
    .map((one) => ({ one, extreme: extremeOf(one.values, order) }))
    .sort(({ extreme: a }, { extreme: b }) => {
      if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
      return a === b ? 0 : a < b === (order === 'highest') ? 1 : -1;
    })
    .map(({ one }) => one);
}

function extremeOf(values: readonly number[], order: Order): number {
  let found = Number.NaN;
  for (const value of values)
    if (!Number.isNaN(value) && !(order === 'highest' ? value <= found : value >= found)) found = value;
  return found;
}
