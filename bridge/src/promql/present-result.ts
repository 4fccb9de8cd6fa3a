import type { Answer, Table } from '../answer.ts';
import { compactNumber, showDuration } from '../format.ts';
import { parseDuration } from '../moment.ts';
import type { Labels, QueryResult } from '../upstreams/prometheus-result.ts';
import { type FoldedHistogram, foldBuckets } from './classic-histogram.ts';
import type { ExpressionOutline } from './expression-outline.ts';
import { redundantLabels, withoutLabels } from './machine-labels.ts';
import { type AskedQuery, nextQueries } from './next-queries.ts';
import { estimateQuantile, type Observations } from './observations.ts';
import { choiceNote, summarizeResult } from './result-summary.ts';
import { histogramTable, type Order, pointStride, rangeTable, valueTable } from './series-table.ts';

/** How a result is to be shown. */
export interface Presentation extends AskedQuery {
  points: number;
}

/** What a result says. */
export type ResultAnswer = Required<Pick<Answer, 'summary' | 'tables' | 'notes' | 'next'>>;

/** The tables, the finding, and the queries to go on with, of what an expression came to. */
export function presentResult(whole: QueryResult, presentation: Presentation): ResultAnswer {
  const summary = summarizeResult(whole);
  const hidden = redundantLabels(labelsOf(whole), presentation.outline.text);
  const result = hidden.length === 0 ? whole : hideLabels(whole, hidden);
  const labels = labelsOf(result);
  if (labels.length === 0) return { summary, tables: [], notes: [], next: [] };
  const order = orderOf(presentation.outline, result.type === 'matrix');
  const natives = nativesOf(result);
  const folded = foldResult(result, presentation);
  const shape = { labels, raw: result.type === 'matrix' && presentation.plan === null, native: natives.length > 0 };
  return {
    summary: folded === null ? summary : `${labels.length} series, the buckets of ${histograms(folded.length)}`,
    tables: tablesOf(result, { natives, folded, order }, presentation),
    notes: [
      ...(hidden.length === 0 ? [] : [`labels not shown: ${hidden.join(', ')}.`]),
      ...notesOn(result, presentation),
      ...(folded === null ? [] : notesOnFolded(folded, presentation)),
    ],
    next: nextQueries(shape, presentation),
  };
}

function labelsOf(result: QueryResult): Labels[] {
  const all = result.type === 'vector' ? result.samples : result.type === 'matrix' ? result.series : [];
  return all.map(({ labels }) => labels);
}

function hideLabels(result: QueryResult, hidden: readonly string[]): QueryResult {
  const hide = <T extends { labels: Labels }>(one: T) => ({ ...one, labels: withoutLabels(one.labels, hidden) });
  if (result.type === 'vector') return { ...result, samples: result.samples.map(hide) };
  return result.type === 'matrix' ? { ...result, series: result.series.map(hide) } : result;
}

interface Histograms {
  natives: readonly { labels: Labels; histogram: Observations }[];
  folded: readonly FoldedHistogram[] | null;
  order: Order;
}

function tablesOf(
  result: QueryResult,
  { natives, folded, order }: Histograms,
  { plan, limit, points }: Presentation,
): Table[] {
  // The buckets of one histogram are what was asked for; those of several are more than can be read.
  if (folded !== null && folded.length > 1) return [histogramTable(folded, order, limit)];
  const histograms = histogramTable(natives, order, limit);
  const values =
    result.type === 'matrix'
      ? rangeTable(
          result.series.filter((series) => series.values.length > 0),
          order,
          limit,
          { plan, points },
        )
      : valueTable(valuesOf(result), order, limit);
  if (histograms.rows.length === 0) return [values];
  if (values.rows.length === 0) return [histograms];
  return [
    { name: 'values', ...values },
    { name: 'native histograms', ...histograms },
  ];
}

function valuesOf(result: QueryResult): { labels: Labels; value: number }[] {
  if (result.type !== 'vector') return [];
  return result.samples.flatMap(({ labels, value }) => (value === null ? [] : [{ labels, value }]));
}

function nativesOf(result: QueryResult): { labels: Labels; histogram: Observations }[] {
  const found =
    result.type === 'vector'
      ? result.samples.map(({ labels, histogram }) => ({ labels, histogram }))
      : result.type === 'matrix'
        ? result.series.map(({ labels, histograms: over }) => ({ labels, histogram: over.at(-1)?.histogram ?? null }))
        : [];
  return found.flatMap(({ labels, histogram }) =>
    histogram === null ? [] : [{ labels, histogram: { ...histogram, spread: 'exponential' as const } }],
  );
}

const KEEPS_BUCKETS = new Set(['rate', 'irate', 'increase', 'delta', 'sum']);

/** The classic histograms of a result that has all their buckets, as they were at its end; null for any other. */
function foldResult(result: QueryResult, { outline, plan }: Presentation): FoldedHistogram[] | null {
  const [selector, ...others] = outline.selectors;
  if (selector === undefined || others.length > 0 || selector.matchers.some(({ label }) => label === 'le')) return null;
  if (outline.only === null && !KEEPS_BUCKETS.has(outline.outermost ?? '')) return null;
  if (result.type === 'vector')
    return result.samples.some(({ value }) => value === null) ? null : foldBuckets(valuesOf(result));
  if (result.type !== 'matrix' || plan === null) return null;
  const last = result.series.map(({ labels, times, values }) => ({
    labels,
    value: values.at(-1) ?? Number.NaN,
    time: times.at(-1),
  }));
  return last.every(({ time }) => time === last[0]?.time) ? foldBuckets(last) : null;
}

function notesOnFolded(folded: readonly FoldedHistogram[], { outline, plan }: Presentation): string[] {
  const [first, ...others] = folded;
  if (first === undefined) return [];
  const when = plan === null ? '' : ' as of the end of the range';
  const since = outline.only === null ? '' : ', of all observations since the counters began';
  if (others.length > 0) return [`quantiles are estimated from the buckets${when}${since}.`];
  const [p50, p90, p99] = [0.5, 0.9, 0.99].map((each) => compactNumber(estimateQuantile(first.histogram, each)));
  return [`the buckets are cumulative; estimated from them${when}${since}: p50 ${p50}, p90 ${p90}, p99 ${p99}.`];
}

function histograms(count: number): string {
  return count === 1 ? 'one histogram' : `${count} histograms`;
}

/** The caller's own order is kept. Over a range Prometheus has none, so there it decides only which end comes first. */
function orderOf({ outermost }: ExpressionOutline, range: boolean): Order {
  if (range) return outermost === 'bottomk' || outermost === 'sort' ? 'lowest' : 'highest';
  return /^(?:sort|topk$|bottomk$)/.test(outermost ?? '') ? 'given' : 'highest';
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
    const choice = choiceNote(outline.outermost);
    if (choice !== null) notes.push(choice);
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
