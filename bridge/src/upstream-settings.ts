import { isLoopback } from '@telemcp/shared/listen';
import { absolutePath, SettingsError, setting } from '@telemcp/shared/settings';
import { openTlsFiles, type TlsFiles } from '@telemcp/shared/tls-files';
import type { Logger } from 'pino';
import * as z from 'zod';
import { createClientTls } from './upstreams/client-tls.ts';
import type { HttpApiSettings } from './upstreams/http-api.ts';
import { createHttpCredentials } from './upstreams/http-credentials.ts';
import { openSecretFile, type SecretFile } from './upstreams/secret-file.ts';

/** The upstreams with a query API and the same settings; each setting begins with one of these names. */
const QUERY_APIS = {
  prometheus: {
    title: 'Prometheus',
    what: 'Prometheus, or anything with its HTTP API (Thanos, Mimir, VictoriaMetrics)',
  },
  loki: { title: 'Loki', what: 'Loki, without /loki/api' },
  alertmanager: { title: 'Alertmanager', what: 'Alertmanager, or that of a Mimir' },
} as const;
export type QueryApi = keyof typeof QUERY_APIS;

/** Where one of them is and who we are there; the files are open. */
export interface UpstreamSource {
  url: URL;
  /** Sent as X-Scope-OrgID; null for none. */
  tenant: string | null;
  bearer: SecretFile | null;
  basic: { username: string; password: SecretFile } | null;
  /** Null when none of its files is set. */
  tls: TlsFiles | null;
}

const Parts = z.object({
  url: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }).optional(),
  tokenFile: absolutePath.optional(),
  username: z
    .string()
    .regex(/^[^:\p{Cc}]+$/u, 'must be a name without a colon')
    .optional(),
  passwordFile: absolutePath.optional(),
  tenant: z
    .string()
    .regex(/^[\x21-\x7e]{1,150}$/, 'must be 1 to 150 printable characters without spaces')
    .optional(),
  caFile: absolutePath.optional(),
  certFile: absolutePath.optional(),
  keyFile: absolutePath.optional(),
});
const PARTS = Parts.keyof().options;
type Part = (typeof PARTS)[number];

/** The block of settings of one upstream: keys, variables and sentences are made of its name. */
export function upstreamSettings(api: QueryApi): Record<string, z.ZodType> {
  const { title, what } = QUERY_APIS[api];
  const descriptions: Record<Part, string> = {
    url: `${what}; with a path prefix, and user:password where needed.`,
    tokenFile: `File with the bearer token ${title} is asked with; read again when it changes.`,
    username: `Name ${title} is asked with, by basic authentication.`,
    passwordFile: 'File with its password; read again when it changes.',
    tenant: `Tenant that ${title} is asked for, sent as X-Scope-OrgID.`,
    caFile: `Authorities that ${title}'s certificate must come from (default the system's); PEM.`,
    certFile: `Certificate to show to ${title}, the chain after it; PEM.`,
    keyFile: 'Its key, without a passphrase; PEM.',
  };
  return Object.fromEntries(
    PARTS.map((part) => {
      const meta = { env: variableOf(api, part), description: descriptions[part], secret: part === 'url' };
      return [keyOf(api, part), setting(Parts.shape[part], meta)];
    }),
  );
}

/** What the settings of one upstream contradict each other in; `key` is the setting at which it is told. */
export function upstreamConflicts(
  api: QueryApi,
  settings: Readonly<Record<string, unknown>>,
): { key: string; message: string }[] {
  const given = (part: Part) => settings[keyOf(api, part)] !== undefined;
  const name = (part: Part) => variableOf(api, part);
  const url = URL.parse(String(settings[keyOf(api, 'url')] ?? ''));
  const problems: [boolean, Part, string][] = [
    [
      given('tokenFile') && (given('username') || given('passwordFile')),
      'tokenFile',
      `${name('tokenFile')} and ${name('username')} exclude each other`,
    ],
    [
      (url?.username ?? '') !== '' && (given('tokenFile') || given('username')),
      'url',
      `has a user, and so has ${given('username') ? name('username') : name('tokenFile')}; set one of them`,
    ],
    [
      given('username') !== given('passwordFile'),
      given('username') ? 'username' : 'passwordFile',
      `${name('username')} and ${name('passwordFile')} go together`,
    ],
    [
      given('certFile') !== given('keyFile'),
      given('certFile') ? 'certFile' : 'keyFile',
      `${name('certFile')} and ${name('keyFile')} go together`,
    ],
    [
      given('certFile') && url?.protocol === 'http:',
      'certFile',
      `a certificate is shown only where ${name('url')} is https://`,
    ],
  ];
  return problems.filter(([isWrong]) => isWrong).map(([, part, message]) => ({ key: keyOf(api, part), message }));
}

/**
 * Opens the files that the settings of one upstream name; null when it has no address.
 * @throws {SettingsError} naming every file that cannot be used, and why
 */
export async function openUpstreamSource(
  api: QueryApi,
  settings: Readonly<Record<string, unknown>>,
): Promise<UpstreamSource | null> {
  const parts = Parts.parse(Object.fromEntries(PARTS.map((part) => [part, settings[keyOf(api, part)]])));
  const { url, username } = parts;
  if (url === undefined) return null;
  const place = (part: 'tokenFile' | 'passwordFile' | 'caFile' | 'certFile' | 'keyFile') => {
    const path = parts[part];
    return path === undefined ? null : { setting: variableOf(api, part), path };
  };
  const secret = (part: 'tokenFile' | 'passwordFile') => {
    const found = place(part);
    return found === null ? null : openSecretFile(found);
  };
  const places = { ca: place('caFile'), cert: place('certFile'), key: place('keyFile') };
  const hasTls = Object.values(places).some((each) => each !== null);
  const [bearer, password, tls] = await allOpened([
    secret('tokenFile'),
    secret('passwordFile'),
    hasTls ? openTlsFiles(places) : null,
  ]);
  return {
    url: new URL(url),
    tenant: parts.tenant ?? null,
    bearer,
    basic: username === undefined || password === null ? null : { username, password },
    tls,
  };
}

/** All of them, or a `SettingsError` with the problems of all that have one. */
export async function allOpened<T extends readonly unknown[] | []>(
  opening: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const outcomes = await Promise.allSettled(opening);
  const problems = outcomes.flatMap((outcome) => {
    if (outcome.status === 'fulfilled') return [];
    if (outcome.reason instanceof SettingsError) return outcome.reason.problems;
    throw outcome.reason;
  });
  if (problems.length > 0) throw new SettingsError(problems);
  return Promise.all(opening);
}

/** A source as a client takes it. What is wrong with its files later is logged, and the old ones are kept. */
export function httpApiSettings(
  api: QueryApi,
  source: UpstreamSource,
  { timeoutMs, log }: { timeoutMs: number; log: Pick<Logger, 'warn'> },
): HttpApiSettings {
  const { url, tls, tenant, bearer, basic } = source;
  const onProblem = (problems: readonly string[]) =>
    log.warn({ problems }, 'new credentials cannot be used yet; the old ones are kept');
  const advice =
    `${variableOf(api, 'caFile')} must hold the authority of the server's certificate; ${variableOf(api, 'certFile')} and ` +
    `${variableOf(api, 'keyFile')} a certificate that it accepts, where it wants one.`;
  return {
    url,
    timeoutMs,
    tls: createClientTls({ files: tls, timeoutMs, advice, onProblem }),
    credentials: createHttpCredentials({ tenant, bearer, basic, onProblem: (problem) => onProblem([problem]) }),
  };
}

/** What of a source could be better though it works; nothing where there is no source. */
export function cautionsOf(source: UpstreamSource | null): readonly string[] {
  if (source === null) return [];
  const { url, bearer, basic } = source;
  const isOpen = url.protocol === 'http:' && !isLoopback({ host: url.hostname.replace(/[[\]]/g, ''), port: 0 });
  const hasSecret = bearer !== null || basic !== null || url.password !== '';
  return isOpen && hasSecret ? ['Its credentials go over the network unencrypted; serve it by https://.'] : [];
}

function keyOf(api: QueryApi, part: Part): string {
  return `${api}${part.charAt(0).toUpperCase()}${part.slice(1)}`;
}

/** The environment variable of a setting: `TELEMCP_LOKI_TOKEN_FILE`. */
function variableOf(api: QueryApi, part: Part): string {
  return `TELEMCP_${api}_${part.replace(/[A-Z]/g, '_$&')}`.toUpperCase();
}
