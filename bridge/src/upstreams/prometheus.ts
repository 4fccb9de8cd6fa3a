import * as z from 'zod';
import { type ErrorCode, ToolError } from '../errors.ts';
import { createHttpUpstream, type UpstreamResponse } from './http-upstream.ts';
import { parseQueryResult, type QueryResult } from './prometheus-result.ts';

export interface PrometheusSettings {
  /** With path prefix and credentials where it has them. */
  url: URL;
  /** The longest one request may take, milliseconds. */
  timeoutMs?: number;
  /** The largest answer read, bytes. */
  maxBytes?: number;
  /** Requests in flight at once. */
  concurrency?: number;
}

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
    of: { match?: string; start?: number; end?: number },
    signal: AbortSignal,
  ): Promise<readonly string[]>;
  close(): Promise<void>;
}

const DEFAULTS = { timeoutMs: 20_000, maxBytes: 32 * 1024 * 1024, concurrency: 8 };

/** URLs longer than this are refused by proxies here and there; a form has no such limit. */
const MAX_QUERY_IN_URL = 1500;

/** Prometheus is given this much less time than the request, so that its own words arrive. */
const MARGIN_MS = 500;

const Envelope = z.object({
  status: z.enum(['success', 'error']),
  data: z.unknown().optional(),
  errorType: z.string().optional(),
  error: z.string().optional(),
  warnings: z.array(z.string()).nullish(),
  infos: z.array(z.string()).nullish(),
});
type Envelope = z.infer<typeof Envelope>;

export function createPrometheus(settings: PrometheusSettings): Prometheus {
  const limits = { ...DEFAULTS, ...settings };
  const upstream = createHttpUpstream({ ...limits, name: 'prometheus' });
  const timeout = Math.max(limits.timeoutMs - MARGIN_MS, limits.timeoutMs / 2) / 1000;
  const fail = (code: ErrorCode, problem: string, hint?: string) =>
    new ToolError(code, problem, { upstream: upstream.name, hint: hint ?? null });

  async function ask(path: string, query: Record<string, string | number | undefined>, signal: AbortSignal) {
    const long = String(query.query ?? '').length > MAX_QUERY_IN_URL;
    const response = await upstream.request({ path, ...(long ? { form: toForm(query) } : { query }), signal });
    return readEnvelope(response, upstream.address, fail);
  }

  async function evaluate(path: string, query: Record<string, string | undefined>, signal: AbortSignal) {
    const envelope = await ask(path, { ...query, timeout: String(timeout) }, signal);
    const result = parseQueryResult(envelope.data);
    if (result === null) throw fail('bad_response', `${upstream.address}${path}: not the result of a query`);
    return { result, warnings: envelope.warnings ?? [], infos: envelope.infos ?? [] };
  }

  return {
    name: upstream.name,
    address: upstream.address,
    query: (expr, { time }, signal) =>
      evaluate('/api/v1/query', { query: expr, time: time === undefined ? undefined : toParameter(time) }, signal),
    queryRange: (expr, { start, end, step }, signal) =>
      evaluate(
        '/api/v1/query_range',
        { query: expr, start: toParameter(start), end: toParameter(end), step: toParameter(step) },
        signal,
      ),
    labelValues: async (label, { match, start, end }, signal) => {
      const path = `/api/v1/label/${encodeURIComponent(label)}/values`;
      const { data } = await ask(path, { 'match[]': match, start, end }, signal);
      const values = z.array(z.string()).nullable().safeParse(data);
      if (!values.success) throw fail('bad_response', `${upstream.address}${path}: not a list of label values`);
      return values.data ?? [];
    },
    close: () => upstream.close(),
  };
}

/** Times have milliseconds in Prometheus; more digits are noise of the arithmetic. */
function toParameter(seconds: number): string {
  return String(Math.round(seconds * 1000) / 1000);
}

function toForm(query: Readonly<Record<string, string | number | undefined>>): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) form.set(name, String(value));
  return form;
}

type Fail = (code: ErrorCode, problem: string, hint?: string) => ToolError;

function readEnvelope(response: UpstreamResponse, address: string, fail: Fail): Envelope {
  const { status } = response;
  const envelope = parseEnvelope(response);
  if (envelope?.status === 'success' && status < 300) return envelope;
  const words = envelope?.error;
  if (status === 401 || status === 403)
    throw fail('denied', words ?? `${address}: HTTP ${status}`, 'The operator gives the bridge credentials for it.');
  if (words !== undefined) throw refusal(envelope?.errorType ?? '', words, status, fail);
  const type = response.contentType.split(';', 1)[0] || 'no content type';
  const answered = `${address}: answered HTTP ${status} (${type})`;
  if (status === 504) throw fail('timeout', answered, 'A proxy gave up waiting; ask for less.');
  if (status >= 300 && status < 400)
    throw fail('bad_response', `${answered}, a redirect`, 'Set the address it leads to; redirects are not followed.');
  throw fail(
    'bad_response',
    status < 300 ? `${answered}, which is not an answer of Prometheus` : answered,
    status === 404 || status < 300
      ? 'Check the address; Prometheus may be served under a path prefix, as in http://host/prometheus.'
      : 'Something in front of Prometheus answered; see whether Prometheus itself is up.',
  );
}

function parseEnvelope(response: UpstreamResponse): Envelope | null {
  try {
    const body: unknown = JSON.parse(response.body.toString('utf8'));
    return Envelope.safeParse(body).data ?? null;
  } catch {
    return null;
  }
}

/** An error in Prometheus's own words. Other servers of this interface use their own error types, hence the look at the status. */
function refusal(errorType: string, words: string, status: number, fail: Fail): ToolError {
  if (/too many samples|exceeded maximum resolution|exceeds the limit|the limit .{0,40}exceeded/i.test(words))
    return fail('too_large', words, 'Ask for less: a narrower selector, a shorter range, a longer step.');
  if (errorType === 'timeout' || errorType === 'canceled')
    return fail('timeout', words, 'Ask for less: a narrower selector, a shorter range, a longer step.');
  if (errorType === 'not_found') return fail('not_found', words);
  if (errorType === 'bad_data' || errorType === 'execution' || status === 400 || status === 422)
    return fail('bad_query', words);
  return fail('bad_response', words, 'Prometheus could not answer now; its log says more.');
}
