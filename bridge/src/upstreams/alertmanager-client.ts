import * as z from 'zod';
import type { ToolError } from '../errors.ts';
import type { Alert, Alertmanager, Silence } from './alertmanager.ts';
import { GoTime } from './go-time.ts';
import { createHttpApi, type HttpApi, type HttpApiSettings, type Parameters } from './http-api.ts';
import type { UpstreamResponse } from './http-upstream.ts';
import { jsonBody } from './json-body.ts';
import { LabelSet } from './label-set.ts';
import { refusalWords } from './refusal-words.ts';

const Moment = z.string().pipe(z.coerce.date());
const Names = z
  .array(z.string())
  .nullish()
  .transform((names) => names ?? []);

const AlertEntry = z
  .object({
    fingerprint: z.string(),
    labels: LabelSet,
    annotations: LabelSet,
    startsAt: Moment,
    updatedAt: Moment,
    endsAt: Moment,
    generatorURL: z.string().nullish(),
    receivers: z
      .array(z.object({ name: z.string() }))
      .nullish()
      .transform((receivers) => (receivers ?? []).map(({ name }) => name)),
    status: z.object({ state: z.string(), silencedBy: Names, inhibitedBy: Names, mutedBy: Names }),
  })
  .transform(
    ({ generatorURL, status, ...alert }): Alert => ({ ...alert, ...status, generatorUrl: generatorURL || null }),
  );

const SilenceEntry = z
  .object({
    id: z.string(),
    matchers: z.array(
      z.object({
        name: z.string(),
        value: z.string(),
        isRegex: z.boolean(),
        // Absent before Alertmanager 0.22, which knew nothing else.
        isEqual: z.boolean().default(true),
      }),
    ),
    startsAt: Moment,
    endsAt: Moment,
    updatedAt: Moment,
    createdBy: z.string().default(''),
    comment: z.string().default(''),
    status: z.object({ state: z.string() }),
  })
  .transform(({ status, ...silence }): Silence => ({ ...silence, state: status.state }));

// The configuration that a status holds too is left where it is: it has addresses of receivers in it.
const Status = z.object({
  cluster: z.object({ status: z.string().optional(), peers: z.array(z.unknown()).nullish() }).optional(),
  versionInfo: z.object({ version: z.string().optional() }).optional(),
  uptime: GoTime,
});

export function createAlertmanager(settings: HttpApiSettings): Alertmanager {
  const api = createHttpApi('Alertmanager', settings);

  async function get<S extends z.ZodType>(
    path: string,
    parameters: Parameters,
    schema: S,
    signal: AbortSignal,
  ): Promise<z.infer<S>> {
    // Never as a form: a POST to these paths would make alerts and silences.
    const response = await api.ask({ path: `/api/v2${path}`, parameters, signal });
    if (response.status !== 200) throw refusal(response, api);
    const read = schema.safeParse(jsonBody(response));
    if (!read.success) throw api.unexpected(response);
    return read.data;
  }

  return {
    name: api.name,
    address: api.address,
    alerts: async ({ active, silenced, inhibited, filter }, signal) => {
      const parameters = { active, silenced, inhibited, filter };
      const alerts = await get('/alerts', parameters, z.array(AlertEntry), signal);
      return alerts.sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
    },
    silences: async ({ filter }, signal) => {
      const silences = await get('/silences', { filter }, z.array(SilenceEntry), signal);
      return silences.sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    status: async (signal) => {
      const { cluster, versionInfo, uptime } = await get('/status', {}, Status, signal);
      return {
        version: versionInfo?.version || null,
        cluster: cluster?.status ?? null,
        peers: cluster?.peers?.length ?? 0,
        startedAt: uptime,
      };
    },
    close: () => api.close(),
  };
}

function refusal(response: UpstreamResponse, api: HttpApi): ToolError {
  const { status } = response;
  const words = refusalWords(response);
  if (status === 401 || status === 403 || /^no org id\b/i.test(words ?? '')) return api.denied(response, words);
  if (words === null || status === 404 || status === 502) return api.unexpected(response);
  if (status === 400 || status === 422) return api.fail('bad_query', words);
  return api.fail('bad_response', words, 'Alertmanager could not answer now; its log says more.');
}
