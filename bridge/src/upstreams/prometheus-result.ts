/** Label names and values of a series; `__name__` is the metric. */
export type Labels = Readonly<Record<string, string>>;

/** One bucket of a native histogram: observations between the bounds. */
export interface Bucket {
  lower: number;
  upper: number;
  count: number;
}

/** A native histogram at one moment; classic ones are ordinary series with a label `le`. */
export interface Histogram {
  count: number;
  sum: number;
  /** Ascending. */
  buckets: readonly Bucket[];
}

/** A series at one moment. `histogram` is set instead of `value` for native histograms. */
export interface Sample {
  labels: Labels;
  /** Seconds since the epoch. */
  time: number;
  value: number | null;
  histogram: Histogram | null;
}

/** A series over time: `times[i]` (seconds since the epoch) belongs to `values[i]`. */
export interface Series {
  labels: Labels;
  times: readonly number[];
  values: readonly number[];
  histograms: readonly { time: number; histogram: Histogram }[];
}

/** What an expression came to, in Prometheus's four types. */
export type QueryResult =
  | { type: 'vector'; samples: readonly Sample[] }
  | { type: 'matrix'; series: readonly Series[] }
  | { type: 'scalar'; time: number; value: number }
  | { type: 'string'; time: number; value: string };

/**
 * Reads the `data` of a query's answer (https://prometheus.io/docs/prometheus/latest/querying/api/#expression-query-result-formats);
 * null when it is something else. Checked by hand: a schema over 10,000 series takes several times as long as parsing them.
 */
export function parseQueryResult(data: unknown): QueryResult | null {
  if (!isRecord(data)) return null;
  const { resultType, result } = data;
  if (resultType === 'scalar' || resultType === 'string') {
    if (!Array.isArray(result)) return null;
    const [time, text]: unknown[] = result;
    if (typeof time !== 'number' || typeof text !== 'string') return null;
    if (resultType === 'string') return { type: 'string', time, value: text };
    const value = parseValue(text);
    return value === null ? null : { type: 'scalar', time, value };
  }
  if (resultType === 'vector') {
    const samples = readAll(result, readSample);
    return samples === null ? null : { type: 'vector', samples };
  }
  if (resultType === 'matrix') {
    const series = readAll(result, readSeries);
    return series === null ? null : { type: 'matrix', series };
  }
  return null;
}

function readAll<T>(list: unknown, read: (entry: unknown) => T | null): T[] | null {
  // An empty result is null in some servers that speak this interface.
  if (list === null) return [];
  if (!Array.isArray(list)) return null;
  const entries: T[] = [];
  for (const entry of list) {
    const one = read(entry);
    if (one === null) return null;
    entries.push(one);
  }
  return entries;
}

function readSample(entry: unknown): Sample | null {
  if (!isRecord(entry)) return null;
  const { metric, value, histogram } = entry;
  if (!isLabels(metric)) return null;
  const pair = value === undefined ? readPair(histogram, readHistogram) : readPair(value, parseValue);
  if (pair === null) return null;
  const [time, found] = pair;
  return typeof found === 'number'
    ? { labels: metric, time, value: found, histogram: null }
    : { labels: metric, time, value: null, histogram: found };
}

function readSeries(entry: unknown): Series | null {
  if (!isRecord(entry)) return null;
  const { metric, values = [], histograms = [] } = entry;
  if (!isLabels(metric) || !Array.isArray(values) || !Array.isArray(histograms)) return null;
  const times: number[] = [];
  const numbers: number[] = [];
  for (const point of values) {
    if (!Array.isArray(point)) return null;
    const [time, text]: unknown[] = point;
    const value = parseValue(text);
    if (typeof time !== 'number' || value === null) return null;
    times.push(time);
    numbers.push(value);
  }
  const found: { time: number; histogram: Histogram }[] = [];
  for (const point of histograms) {
    const pair = readPair(point, readHistogram);
    if (pair === null) return null;
    found.push({ time: pair[0], histogram: pair[1] });
  }
  return { labels: metric, times, values: numbers, histograms: found };
}

function readPair<T>(pair: unknown, read: (value: unknown) => T | null): [number, T] | null {
  if (!Array.isArray(pair)) return null;
  const [time, value]: unknown[] = pair;
  const found = read(value);
  return typeof time !== 'number' || found === null ? null : [time, found];
}

/** Buckets come as `[boundary rule, lower, upper, count]`; which bound belongs to a bucket makes no difference here. */
function readHistogram(value: unknown): Histogram | null {
  if (!isRecord(value)) return null;
  const count = parseValue(value.count);
  const sum = parseValue(value.sum);
  const { buckets = [] } = value;
  if (count === null || sum === null || !Array.isArray(buckets)) return null;
  const found: Bucket[] = [];
  for (const bucket of buckets) {
    if (!Array.isArray(bucket)) return null;
    const [, ...bounds]: unknown[] = bucket;
    const [lower, upper, within] = bounds.map(parseValue);
    if (typeof lower !== 'number' || typeof upper !== 'number' || typeof within !== 'number') return null;
    found.push({ lower, upper, count: within });
  }
  return { count, sum, buckets: found.sort((a, b) => a.lower - b.lower) };
}

/** Sample values are strings, as JSON has neither NaN nor infinities; null for what is no such string. */
export function parseValue(text: unknown): number | null {
  if (typeof text !== 'string') return null;
  const number = Number(text);
  if (!Number.isNaN(number)) return text === '' ? null : number;
  if (text === 'NaN') return Number.NaN;
  if (text === '+Inf' || text === 'Inf') return Number.POSITIVE_INFINITY;
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : null;
}

/** An object of JSON that is no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Labels as a series has them: all values are strings. */
export function isLabels(value: unknown): value is Labels {
  if (!isRecord(value)) return false;
  for (const name in value) if (typeof value[name] !== 'string') return false;
  return true;
}
