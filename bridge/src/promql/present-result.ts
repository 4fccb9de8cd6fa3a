import type { Answer, NextCall, Table } from '../answer.ts';
import { compactNumber, showDuration } from '../format.ts';
import type { Labels, QueryResult } from '../upstreams/prometheus-result.ts';
import { type ExpressionOutline, selectorText } from './expression-outline.ts';
import { bestGrouping } from './label-layout.ts';
import { parseDuration, type RangePlan } from './range-plan.ts';
import { histogramTable, type Order, pointStride, rangeTable, valueTable } from './series-table.ts';

/** How a result is to be shown. */
export interface Presentation {
  outline: ExpressionOutline;
  /** Null for one moment. */
  plan: RangePlan | null;
  limit: number;
  points: number;
  /** Arguments of the call besides `expr`, for the calls that are proposed. */
  again: Readonly<Record<string, string | number>>;
}

/** What a result says. */
export type ResultAnswer = Required<Pick<Answer, 'summary' | 'tables' | 'notes' | 'next'>>;

/** Above so many rows the budget of an answer may cut some, so a narrower query is always proposed. */
const MANY_ROWS = 100;
/** Rows that a proposed query is meant to give; what a call shows unless told otherwise. */
const PROPOSED_ROWS = 20;

/** The tables, the finding, and the query to go on with, of what an expression came to. */
export function presentResult(result: QueryResult, presentation: Presentation): ResultAnswer {
  if (result.type === 'scalar') return onlySummary(`scalar ${compactNumber(result.value)}`);
  if (result.type === 'string') return onlySummary(`string ${JSON.stringify(result.value)}`);
  const all = result.type === 'vector' ? result.samples : result.series;
  if (all.length === 0) return onlySummary('no series');
  const labels = all.map((one) => one.labels);
  const { limit } = presentation;
  const cut = all.length > limit || limit > MANY_ROWS;
  return {
    summary: summarize(result),
    tables: tablesOf(result, orderOf(presentation.outline, result.type === 'matrix'), presentation),
    notes: notesOn(result, presentation),
    next: [...narrower(labels, cut && all.length > 1, presentation), ...quantile(labels, presentation)],
  };
}

function onlySummary(summary: string): ResultAnswer {
  return { summary, tables: [], notes: [], next: [] };
}

function tablesOf(result: QueryResult, order: Order, { plan, limit, points }: Presentation): Table[] {
  if (result.type === 'vector') {
    const values = result.samples.flatMap(({ labels, value }) => (value === null ? [] : [{ labels, value }]));
    const histograms = result.samples.flatMap(({ labels, histogram }) =>
      histogram === null ? [] : [{ labels, histogram }],
    );
    return both(valueTable(values, order, limit), histogramTable(histograms, order, limit));
  }
  if (result.type !== 'matrix') return [];
  const values = result.series.filter((series) => series.values.length > 0);
  const histograms = result.series.flatMap(({ labels, histograms: over }) => {
    const last = over.at(-1);
    return last === undefined ? [] : [{ labels, histogram: last.histogram }];
  });
  return both(rangeTable(values, order, limit, { plan, points }), histogramTable(histograms, order, limit));
}

function both(values: Table, histograms: Table): Table[] {
  if (histograms.rows.length === 0) return [values];
  if (values.rows.length === 0) return [histograms];
  return [
    { name: 'values', ...values },
    { name: 'native histograms', ...histograms },
  ];
}

/** The caller's own order is kept. Over a range Prometheus has none, so there it decides only which end comes first. */
function orderOf({ outermost }: ExpressionOutline, range: boolean): Order {
  if (range) return outermost === 'bottomk' || outermost === 'sort' ? 'lowest' : 'highest';
  return /^(?:sort|topk$|bottomk$)/.test(outermost ?? '') ? 'given' : 'highest';
}

function summarize(result: QueryResult): string {
  const series =
    result.type === 'vector'
      ? result.samples.map(({ value }) => (value === null ? [] : [value]))
      : result.type === 'matrix'
        ? result.series.map(({ values }) => values)
        : [];
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let counted = 0;
  for (const values of series) {
    for (const value of values) {
      if (Number.isNaN(value)) continue;
      counted += 1;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  const nan = series.filter((values) => values.length > 0 && values.every(Number.isNaN)).length;
  const span =
    counted === 0 || (series.length === 1 && result.type === 'vector')
      ? ''
      : low === high
        ? `, ${counted === 1 ? 'value' : 'all values'} ${compactNumber(low)}`
        : `, values ${compactNumber(low)} to ${compactNumber(high)}`;
  return `${series.length} series${span}${nan === 0 || series.length === 1 ? '' : `, ${nan} of them NaN`}`;
}

function notesOn(result: QueryResult, { outline, plan, points }: Presentation): string[] {
  const notes: string[] = [];
  if (plan !== null) {
    notes.push(...plan.notes);
    const windows = outline.selectors.flatMap(({ window }) => (window === null ? [] : [window]));
    const short = windows.find((window) => (parseDuration(window) ?? Number.POSITIVE_INFINITY) < plan.step);
    if (short !== undefined)
      notes.push(
        `[${short}] is shorter than the step of ${showDuration(plan.step, 5)}: what happens between the steps is not seen; a window as long as the step sees all.`,
      );
    if (outline.outermost === 'topk' || outline.outermost === 'bottomk')
      notes.push(`${outline.outermost} chooses anew at every step, so there can be more series than it names.`);
    if (points > 0) {
      const apart = showDuration(plan.step * pointStride(plan, points), 5);
      notes.push(`points: oldest first, ${apart} apart, the last at the end of the range; - is no sample.`);
    }
  } else if (points > 0) {
    notes.push(
      result.type === 'matrix'
        ? 'points: the last raw samples, oldest first.'
        : 'points needs a range; this is one moment.',
    );
  }
  if (result.type === 'matrix' && result.series.some(({ histograms }) => histograms.length > 0))
    notes.push('native histograms are shown as of their last sample.');
  return notes;
}

/** A query over the same series that gives few enough to be read. */
function narrower(labels: readonly Labels[], wanted: boolean, { outline, limit, again }: Presentation): NextCall[] {
  if (!wanted) return [];
  const call = (expr: string): NextCall => ({ tool: 'promql.query', arguments: { expr, ...again } });
  // Different metrics have different units: only their number can be put together.
  if (new Set(labels.map((each) => each.__name__)).size > 1) return [call(`count by (__name__) (${outline.text})`)];
  const best = bestGrouping(labels, Math.min(Math.max(limit, PROPOSED_ROWS), MANY_ROWS));
  // The highest are on the table already: what nothing puts together still has another end.
  if (best === null) return [call(`bottomk(${PROPOSED_ROWS}, ${outline.text})`)];
  const additive = /\b(?:rate|irate|increase|delta)\s*\(|_(?:total|bytes|count|sum)\b/.test(outline.text);
  const grouped = `${additive ? 'sum' : 'max'} by (${best.label}) (${outline.text})`;
  return [call(best.groups > MANY_ROWS ? `topk(${PROPOSED_ROWS}, ${grouped})` : grouped)];
}

/** The quantile that somebody who looks at the buckets of a classic histogram is after. */
function quantile(labels: readonly Labels[], { outline, again }: Presentation): NextCall[] {
  const [selector, ...others] = outline.selectors;
  const buckets = selector?.metric?.endsWith('_bucket') === true && labels.every((each) => 'le' in each);
  if (!buckets || others.length > 0) return [];
  const plain = outline.source.slice(selector.start, selector.end) === outline.source.trim();
  const rated = outline.outermost === 'rate' || outline.outermost === 'increase';
  if (!plain && !rated) return [];
  const inner = plain ? `rate(${selectorText(selector)}[5m])` : outline.text;
  const expr = `histogram_quantile(0.95, sum by (le) (${inner}))`;
  return [{ tool: 'promql.query', arguments: { expr, ...again } }];
}
