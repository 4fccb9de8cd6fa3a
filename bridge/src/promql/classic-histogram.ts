import type { Bucket, Labels } from '../upstreams/prometheus-result.ts';
import type { Observations } from './observations.ts';

/** A classic histogram put together from its buckets. `labels` are without `le`. */
export interface FoldedHistogram {
  labels: Labels;
  histogram: Observations;
}

interface Cumulative {
  upper: number;
  count: number;
}

/**
 * Folds series that are cumulative buckets, each with its upper bound in the label `le`, into the histograms they make up, in
 * the order of their first buckets. Null unless all of them are: every `le` a number, once in its histogram and `+Inf` among
 * two or more, and counts that do not fall.
 */
export function foldBuckets(series: readonly { labels: Labels; value: number }[]): FoldedHistogram[] | null {
  const groups = new Map<string, { labels: Labels; cumulative: Cumulative[] }>();
  for (const { labels, value } of series) {
    const { le, ...others } = labels;
    const upper = le === undefined ? null : parseBound(le);
    if (upper === null || !(value >= 0)) return null;
    const key = JSON.stringify(Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1)));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { labels: others, cumulative: [{ upper, count: value }] });
    else group.cumulative.push({ upper, count: value });
  }
  const folded: FoldedHistogram[] = [];
  for (const { labels, cumulative } of groups.values()) {
    const histogram = toObservations(cumulative);
    if (histogram === null) return null;
    folded.push({ labels, histogram });
  }
  return folded.length === 0 ? null : folded;
}

function parseBound(le: string): number | null {
  if (/^\+?Inf$/i.test(le)) return Number.POSITIVE_INFINITY;
  return /^[+-]?(?:\d|\.\d)/.test(le) && !Number.isNaN(Number(le)) ? Number(le) : null;
}

/** Rates of buckets are computed one by one, and may fall by the last digits of their arithmetic. */
const ROUNDING = 1e-9;

function toObservations(cumulative: readonly Cumulative[]): Observations | null {
  const sorted = cumulative.toSorted((a, b) => (a.upper === b.upper ? 0 : a.upper - b.upper));
  const last = sorted.at(-1);
  if (sorted.length < 2 || last?.upper !== Number.POSITIVE_INFINITY) return null;
  const buckets: Bucket[] = [];
  // As histogram_quantile has it: the first bucket begins at zero where it ends above.
  let lower = (sorted[0]?.upper ?? 0) > 0 ? 0 : Number.NEGATIVE_INFINITY;
  let below = 0;
  for (const { upper, count } of sorted) {
    if (upper === buckets.at(-1)?.upper || count < below - ROUNDING * last.count) return null;
    buckets.push({ lower, upper, count: Math.max(0, count - below) });
    lower = upper;
    below = Math.max(below, count);
  }
  return { count: last.count, sum: null, buckets, spread: 'linear' };
}
