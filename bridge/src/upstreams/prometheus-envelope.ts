import * as z from 'zod';
import type { ToolError } from '../errors.ts';
import type { HttpApi } from './http-api.ts';
import type { UpstreamResponse } from './http-upstream.ts';
import { jsonBody } from './json-body.ts';
import { refusalWords } from './refusal-words.ts';

const Envelope = z.object({
  status: z.enum(['success', 'error']),
  data: z.unknown().optional(),
  errorType: z.string().optional(),
  error: z.string().optional(),
  warnings: z.array(z.string()).nullish(),
  infos: z.array(z.string()).nullish(),
});

/** What every answer of Prometheus's API is wrapped in (https://prometheus.io/docs/prometheus/latest/querying/api/#format-overview). */
export type Envelope = z.infer<typeof Envelope>;

/** The envelope of a success. @throws {ToolError} for everything else, in Prometheus's own words where there are any */
export function readEnvelope(response: UpstreamResponse, api: HttpApi): Envelope {
  const { status } = response;
  const envelope = Envelope.safeParse(jsonBody(response)).data;
  if (envelope?.status === 'success' && status < 300) return envelope;
  const words = envelope?.error;
  if (status === 401 || status === 403) throw api.denied(response, words ?? refusalWords(response));
  if (words !== undefined) throw refusal(envelope?.errorType ?? '', words, status, api);
  throw api.unexpected(response);
}

/** As `readEnvelope`; null when this server does not have the path at all. */
export function readEnvelopeIfServed(response: UpstreamResponse, api: HttpApi): Envelope | null {
  if (ABSENT.has(response.status)) return null;
  // VictoriaMetrics answers 400, Prometheus in agent mode 422.
  if (response.status === 400 || response.status === 422) {
    const text = response.body.toString('utf8', 0, 1000);
    if (/unsupported path requested|unavailable with Prometheus Agent/i.test(text)) return null;
  }
  return readEnvelope(response, api);
}

const ABSENT = new Set([404, 405, 501]);

/** An error in Prometheus's own words. Other servers of this interface use their own error types, hence the look at the status. */
function refusal(errorType: string, words: string, status: number, { fail }: HttpApi): ToolError {
  if (/too many samples|exceeded maximum resolution|exceeds the limit|the limit .{0,40}exceeded/i.test(words))
    return fail('too_large', words, 'Ask for less: a narrower selector, a shorter range, a longer step.');
  if (errorType === 'timeout' || errorType === 'canceled')
    return fail('timeout', words, 'Ask for less: a narrower selector, a shorter range, a longer step.');
  if (errorType === 'not_found') return fail('not_found', words);
  if (errorType === 'bad_data' || errorType === 'execution' || status === 400 || status === 422)
    return fail('bad_query', words);
  return fail('bad_response', words, 'Prometheus could not answer now; its log says more.');
}
