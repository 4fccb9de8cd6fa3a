import * as z from 'zod';
import { createHttpApi, type HttpApiSettings, type Parameters } from './http-api.ts';
import type { UpstreamResponse } from './http-upstream.ts';
import { jsonBody } from './json-body.ts';
import { labelOrder } from './label-set.ts';
import type { Loki, LokiAnswer, LokiWindow } from './loki.ts';
import { lokiRefusal } from './loki-refusal.ts';
import { type Direction, parseLokiResult, parseStatistics } from './loki-result.ts';
import { parseQueryResult } from './prometheus-result.ts';

// Stream labels, structured metadata and parsed fields come apart; servers that do not know the header mix them.
const HEADERS = { 'x-loki-response-encoding-flags': 'categorize-labels' };

const Envelope = z.object({
  status: z.literal('success'),
  data: z.unknown().optional(),
  warnings: z.array(z.string()).nullish(),
});
const WithStatistics = z.object({ stats: z.unknown() });
const Names = z.array(z.string()).nullish();
const LabelSets = z.array(z.record(z.string(), z.string())).nullish();
const IndexStatistics = z.object({ streams: z.number(), chunks: z.number(), bytes: z.number(), entries: z.number() });
const DetectedLabels = z.object({
  detectedLabels: z.array(z.object({ label: z.string(), cardinality: z.number() })).nullish(),
});

export function createLoki(settings: HttpApiSettings): Loki {
  const api = createHttpApi('Loki', { ...settings, headers: HEADERS });

  const ask = (path: string, parameters: Parameters, signal: AbortSignal) =>
    api.ask({ path: `/loki/api/v1${path}`, parameters, takesForm: true, signal });

  async function evaluate(
    path: string,
    parameters: Parameters,
    direction: Direction,
    signal: AbortSignal,
  ): Promise<LokiAnswer> {
    const { data, warnings } = readAs(Envelope, await ask(path, parameters, signal));
    const result = parseLokiResult(data, direction);
    if (result === null) throw api.fail('bad_response', `${api.address}/loki/api/v1${path}: not the result of a query`);
    const statistics = parseStatistics(WithStatistics.safeParse(data).data?.stats);
    return { result, statistics, warnings: warnings ?? [] };
  }

  function readAs<S extends z.ZodType>(schema: S, response: UpstreamResponse): z.infer<S> {
    if (response.status >= 300) throw lokiRefusal(response, api);
    const read = schema.safeParse(jsonBody(response));
    if (!read.success) throw api.unexpected(response);
    return read.data;
  }

  async function list<S extends z.ZodType>(
    path: string,
    parameters: Parameters,
    schema: S,
    signal: AbortSignal,
  ): Promise<z.infer<S>> {
    const response = await ask(path, parameters, signal);
    const read = schema.safeParse(readAs(Envelope, response).data);
    if (!read.success) throw api.unexpected(response);
    return read.data;
  }

  /** What only newer servers have, or what can be switched off. */
  async function extra<S extends z.ZodType>(
    path: string,
    parameters: Parameters,
    schema: S,
    signal: AbortSignal,
  ): Promise<z.infer<S> | null> {
    const response = await ask(path, parameters, signal);
    const isOff =
      response.status >= 400 && /\bvolume\b.*\bdisabled\b|not supported|not implemented/i.test(headOf(response));
    return ABSENT.has(response.status) || isOff ? null : readAs(schema, response);
  }

  return {
    name: api.name,
    address: api.address,
    query: (logql, { time }, signal) => evaluate('/query', { query: logql, time }, 'backward', signal),
    queryRange: (logql, { limit, direction = 'backward', step, ...window }, signal) => {
      const parameters = { query: logql, ...span(window), limit, direction, step };
      return evaluate('/query_range', parameters, direction, signal);
    },
    labels: async ({ match, ...window }, signal) =>
      sorted(await list('/labels', { query: match, ...span(window) }, Names, signal)),
    labelValues: async (label, { match, ...window }, signal) => {
      const path = `/label/${encodeURIComponent(label)}/values`;
      return sorted(await list(path, { query: match, ...span(window) }, Names, signal));
    },
    series: async (match, window, signal) =>
      (await list('/series', { 'match[]': [match], ...span(window) }, LabelSets, signal)) ?? [],
    indexStats: (match, window, signal) =>
      extra('/index/stats', { query: match, ...span(window) }, IndexStatistics, signal),
    indexVolume: async (match, { limit, targetLabels, aggregateBy, ...window }, signal) => {
      const labels = targetLabels === undefined || targetLabels.length === 0 ? undefined : targetLabels.join(',');
      const parameters = { query: match, ...span(window), limit, targetLabels: labels, aggregateBy };
      const envelope = await extra('/index/volume', parameters, Envelope, signal);
      if (envelope === null) return null;
      const volumes = parseQueryResult(envelope.data);
      if (volumes?.type !== 'vector')
        throw api.fail('bad_response', `${api.address}/loki/api/v1/index/volume: not a list of volumes`);
      return volumes.samples
        .map((sample) => ({ labels: sample.labels, bytes: sample.value ?? 0 }))
        .sort((a, b) => b.bytes - a.bytes || (labelOrder(a.labels) < labelOrder(b.labels) ? -1 : 1));
    },
    detectedLabels: async ({ match, ...window }, signal) => {
      const found = await extra('/detected_labels', { query: match, ...span(window) }, DetectedLabels, signal);
      if (found === null) return null;
      return (found.detectedLabels ?? [])
        .map(({ label, cardinality }) => ({ label, values: cardinality }))
        .sort((a, b) => (a.label < b.label ? -1 : 1));
    },
    close: () => api.close(),
  };
}

const ABSENT = new Set([404, 405, 501]);

function span({ start, end }: LokiWindow): Parameters {
  return { start, end };
}

function sorted(names: readonly string[] | null | undefined): readonly string[] {
  return (names ?? []).toSorted();
}

function headOf(response: UpstreamResponse): string {
  return response.body.toString('utf8', 0, 1000);
}
