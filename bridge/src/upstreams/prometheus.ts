import * as z from 'zod';
import { createHttpApi, type HttpApiSettings, type Parameters } from './http-api.ts';
import { type Envelope, readEnvelope, readEnvelopeIfServed } from './prometheus-envelope.ts';
import { type Labels, parseQueryResult, type QueryResult } from './prometheus-result.ts';
import { parseRules, type RuleGroup } from './prometheus-rules.ts';
import {
  type BuildInfo,
  type MetricMetadata,
  parseBuildInfo,
  parseMetadata,
  parseSeriesStatistics,
  type SeriesStatistics,
} from './prometheus-status.ts';
import { parseTargets, type Targets } from './prometheus-targets.ts';

/** What an expression came to, with what Prometheus remarked about it. */
export interface QueryAnswer {
  result: QueryResult;
  warnings: readonly string[];
  infos: readonly string[];
}

/**
 * A Prometheus, or a server that speaks its HTTP API (Thanos, Mimir, VictoriaMetrics). Times are seconds since the epoch.
 * Everything throws `ToolError`: `bad_query` in the server's own words, `too_large`, `denied`, `timeout`, `unreachable`,
 * `bad_response`.
 */
export interface Prometheus {
  readonly name: string;
  /** The address without credentials, for messages. */
  readonly address: string;
  /** At one moment, now unless `time` is given. */
  query(expr: string, at: { time?: number }, signal: AbortSignal): Promise<QueryAnswer>;
  queryRange(
    expr: string,
    range: { start: number; end: number; step: number },
    signal: AbortSignal,
  ): Promise<QueryAnswer>;
  /** Values of a label, `__name__` for metric names; with `match` only of the series it selects. */
  labelValues(
    label: string,
    of: { match?: string; start?: number; end?: number; limit?: number },
    signal: AbortSignal,
  ): Promise<readonly string[]>;
  /** Names of labels, `__name__` among them; with `match` only of the series it selects. */
  labels(
    of: { match?: string; start?: number; end?: number; limit?: number },
    signal: AbortSignal,
  ): Promise<readonly string[]>;
  /**
   * The label sets of the series that `match` selects, with `__name__`. `limit`, here and elsewhere: servers that know it
   * (Prometheus 2.54) send no more, others send all; as many as `limit` may not be all, more than that are.
   */
  series(
    match: string,
    of: { start?: number; end?: number; limit?: number },
    signal: AbortSignal,
  ): Promise<readonly Labels[]>;
  /** Type and help by metric, of targets that are scraped now. Null where not served; empty in VictoriaMetrics, which keeps none. */
  metadata(
    of: { metric?: string; limit?: number },
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly MetricMetadata[]> | null>;
  /**
   * Groups of rules in the order of files and names, with the alerts of each alerting rule. Null where not served. VictoriaMetrics
   * says it has none unless a vmalert is set behind it: see `buildInfo`.
   */
  rules(of: { type?: 'alert' | 'record' }, signal: AbortSignal): Promise<readonly RuleGroup[] | null>;
  /** Active targets, of one pool where told. Null where not served, as in Mimir. */
  targets(of: { scrapePool?: string }, signal: AbortSignal): Promise<Targets | null>;
  /** Null where not served, as in Thanos and Mimir. `limit` rows in each list, ten unless told. */
  seriesStatistics(of: { limit?: number }, signal: AbortSignal): Promise<SeriesStatistics | null>;
  /** Which product answers; null where that is not served. Kept once it is known. */
  buildInfo(signal: AbortSignal): Promise<BuildInfo | null>;
  close(): Promise<void>;
}

/** Prometheus is given this much less time than the request, so that its own words arrive. */
const MARGIN_MS = 500;

const Names = z.array(z.string()).nullable();
const LabelSets = z.array(z.record(z.string(), z.string())).nullable();

export function createPrometheus(settings: HttpApiSettings): Prometheus {
  const api = createHttpApi('Prometheus', settings);
  const timeout = Math.max(api.timeoutMs - MARGIN_MS, api.timeoutMs / 2) / 1000;
  let buildInfo: BuildInfo | null = null;

  async function evaluate(path: string, parameters: Parameters, signal: AbortSignal): Promise<QueryAnswer> {
    const response = await api.ask({ path, parameters: { ...parameters, timeout }, takesForm: true, signal });
    const envelope = readEnvelope(response, api);
    const result = parseQueryResult(envelope.data);
    if (result === null) throw api.fail('bad_response', `${api.address}${path}: not the result of a query`);
    return { result, warnings: envelope.warnings ?? [], infos: envelope.infos ?? [] };
  }

  async function list<T>(
    path: string,
    of: { match?: string; start?: number; end?: number; limit?: number },
    what: { schema: z.ZodType<T[] | null>; name: string; takesForm: boolean },
    signal: AbortSignal,
  ): Promise<readonly T[]> {
    const { match, start, end, limit } = of;
    const parameters = { 'match[]': match, start: toParameter(start), end: toParameter(end), limit };
    const response = await api.ask({ path, parameters, takesForm: what.takesForm, signal });
    const values = what.schema.safeParse(readEnvelope(response, api).data);
    if (!values.success) throw api.fail('bad_response', `${api.address}${path}: not a list of ${what.name}`);
    return values.data ?? [];
  }

  /** What only some of the servers have. */
  async function extra<T>(
    path: string,
    parameters: Parameters,
    parse: (data: unknown) => T | null,
    signal: AbortSignal,
  ): Promise<T | null> {
    const response = await api.ask({ path, parameters, signal });
    const envelope: Envelope | null = readEnvelopeIfServed(response, api);
    if (envelope === null) return null;
    const read = parse(envelope.data);
    if (read === null) throw api.fail('bad_response', `${api.address}${path}: not in the form of Prometheus`);
    return read;
  }

  return {
    name: api.name,
    address: api.address,
    query: (expr, { time }, signal) => evaluate('/api/v1/query', { query: expr, time: toParameter(time) }, signal),
    queryRange: (expr, { start, end, step }, signal) =>
      evaluate(
        '/api/v1/query_range',
        { query: expr, start: toParameter(start), end: toParameter(end), step: toParameter(step) },
        signal,
      ),
    labelValues: (label, of, signal) => {
      const what = { schema: Names, name: 'label values', takesForm: false };
      return list(`/api/v1/label/${encodeURIComponent(label)}/values`, of, what, signal);
    },
    labels: (of, signal) => list('/api/v1/labels', of, { schema: Names, name: 'label names', takesForm: true }, signal),
    series: (match, of, signal) =>
      list('/api/v1/series', { match, ...of }, { schema: LabelSets, name: 'label sets', takesForm: true }, signal),
    metadata: ({ metric, limit }, signal) => extra('/api/v1/metadata', { metric, limit }, parseMetadata, signal),
    rules: ({ type }, signal) => extra('/api/v1/rules', { type }, parseRules, signal),
    targets: ({ scrapePool }, signal) =>
      extra('/api/v1/targets', { state: 'active', scrapePool }, parseTargets, signal),
    // VictoriaMetrics has its own name for the number of rows.
    seriesStatistics: ({ limit }, signal) =>
      extra('/api/v1/status/tsdb', { limit, topN: limit }, parseSeriesStatistics, signal),
    buildInfo: async (signal) => {
      buildInfo ??= await extra('/api/v1/status/buildinfo', {}, parseBuildInfo, signal);
      return buildInfo;
    },
    close: () => api.close(),
  };
}

/** Times have milliseconds in Prometheus; more digits are noise of the arithmetic. */
function toParameter(seconds: number | undefined): string | undefined {
  return seconds === undefined ? undefined : String(Math.round(seconds * 1000) / 1000);
}
