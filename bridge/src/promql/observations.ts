import type { Bucket } from '../upstreams/prometheus-result.ts';

/** What a histogram holds, native or classic. */
export interface Observations {
  count: number;
  /** Null where it is not known: the buckets of a classic histogram do not hold it. */
  sum: number | null;
  /** Ascending, each with its own observations only. */
  buckets: readonly Bucket[];
  /** How observations are taken to lie inside a bucket; native histograms have buckets that grow exponentially. */
  spread: 'linear' | 'exponential';
}

/**
 * The value below which the fraction `quantile` of the observations lies, interpolated inside its bucket as Prometheus does
 * (https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile). NaN where there are no observations.
 */
export function estimateQuantile({ buckets, count, spread }: Observations, quantile: number): number {
  const rank = quantile * count;
  let below = 0;
  for (const { lower, upper, count: within } of buckets) {
    if (within > 0 && below + within >= rank) {
      const fraction = Math.max(0, rank - below) / within;
      if (!Number.isFinite(lower)) return upper;
      if (!Number.isFinite(upper)) return lower;
      if (spread === 'exponential' && lower * upper > 0) return lower * (upper / lower) ** fraction;
      return lower + (upper - lower) * fraction;
    }
    below += within;
  }
  return count > 0 ? (buckets.at(-1)?.upper ?? Number.NaN) : Number.NaN;
}
