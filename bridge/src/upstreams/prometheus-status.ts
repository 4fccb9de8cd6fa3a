import * as z from 'zod';

/** What a metric is, as its exporter says. */
export interface MetricMetadata {
  /** `counter`, `gauge`, `histogram`, `summary`, `gaugehistogram`, `info`, `stateset` or `unknown`. */
  type: string;
  help: string;
  /** Empty where the exporter says none, as most do. */
  unit: string;
}

/** A name and how many series have it. */
export interface SeriesCount {
  name: string;
  series: number;
}

/** What is in the head of the database: roughly the last two or three hours. */
export interface SeriesStatistics {
  series: number;
  /** Null where the server does not say. */
  labelPairs: number | null;
  /** The metrics with most series, the largest first; not all of them. */
  byMetric: readonly SeriesCount[];
  /** The `label=value` pairs with most series, the largest first; not all of them. */
  byLabelPair: readonly SeriesCount[];
  /** The labels with most values (`series` counts values here), the largest first; not all of them. */
  byLabelValues: readonly SeriesCount[];
}

/** Which server speaks Prometheus's API. */
export interface BuildInfo {
  product: 'Prometheus' | 'Thanos' | 'Mimir' | 'VictoriaMetrics';
  /** Null where the server does not say its own: VictoriaMetrics claims to be a Prometheus 2.24. */
  version: string | null;
}

const Metadata = z.record(
  z.string(),
  z.array(
    z.object({ type: z.string().default('unknown'), help: z.string().default(''), unit: z.string().default('') }),
  ),
);

/** Reads the `data` of `/api/v1/metadata`; null when it is something else. */
export function parseMetadata(data: unknown): Map<string, readonly MetricMetadata[]> | null {
  const read = Metadata.nullable().safeParse(data);
  return read.success ? new Map(Object.entries(read.data ?? {})) : null;
}

const counts = z
  .array(
    z.object({ name: z.string(), value: z.coerce.number() }).transform(({ name, value }) => ({ name, series: value })),
  )
  .nullish()
  .transform((rows): SeriesCount[] => rows ?? []);
const Statistics = z.object({
  headStats: z.object({ numSeries: z.number(), numLabelPairs: z.number().optional() }).optional(),
  // As VictoriaMetrics writes the two numbers.
  totalSeries: z.number().optional(),
  totalLabelValuePairs: z.number().optional(),
  seriesCountByMetricName: counts,
  seriesCountByLabelValuePair: counts,
  labelValueCountByLabelName: counts,
});

/** Reads the `data` of `/api/v1/status/tsdb`; null when it is something else. */
export function parseSeriesStatistics(data: unknown): SeriesStatistics | null {
  const read = Statistics.safeParse(data).data;
  const series = read?.headStats?.numSeries ?? read?.totalSeries;
  if (read === undefined || series === undefined) return null;
  return {
    series,
    labelPairs: read.headStats?.numLabelPairs ?? read.totalLabelValuePairs ?? null,
    byMetric: read.seriesCountByMetricName,
    byLabelPair: read.seriesCountByLabelValuePair,
    byLabelValues: read.labelValueCountByLabelName,
  };
}

const Build = z.object({
  version: z.string().default(''),
  goVersion: z.string().default(''),
  application: z.string().default(''),
});

/** Reads the `data` of `/api/v1/status/buildinfo`; null when it is something else. */
export function parseBuildInfo(data: unknown): BuildInfo | null {
  const build = Build.safeParse(data).data;
  if (build === undefined) return null;
  const version = build.version.replace(/^v/, '') || null;
  if (/mimir/i.test(build.application)) return { product: 'Mimir', version };
  // It sends the version alone.
  if (build.goVersion === '' && version !== null) return { product: 'VictoriaMetrics', version: null };
  // There was no Prometheus 0.x with this path, and there is no other Thanos yet.
  return { product: version?.startsWith('0.') ? 'Thanos' : 'Prometheus', version };
}
