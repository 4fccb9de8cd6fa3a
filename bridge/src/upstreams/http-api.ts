import { unescape as percentDecoded } from 'node:querystring';
import { type ErrorCode, ToolError } from '../errors.ts';
import type { ClientTls } from './client-tls.ts';
import type { HttpCredentials } from './http-credentials.ts';
import { createHttpUpstream, type UpstreamRequest, type UpstreamResponse } from './http-upstream.ts';

/** Where a server with a query API is, and how it is reached. */
export interface HttpApiSettings {
  /** With path prefix, and credentials where it has them. */
  url: URL;
  /** How to connect where the address is https; the system's authorities unless told. */
  tls?: ClientTls | undefined;
  credentials?: HttpCredentials | undefined;
  /** The longest one request may take, milliseconds. */
  timeoutMs?: number;
  /** The largest answer read, bytes. */
  maxBytes?: number;
  /** Requests in flight at once. */
  concurrency?: number;
}

/** Parameters of a question; a list is sent as the same parameter several times. */
export type Parameters = Readonly<Record<string, string | number | bigint | boolean | readonly string[] | undefined>>;

interface Question {
  /** Below the address, starting with `/`. */
  path: string;
  parameters?: Parameters;
  /** Whether the server takes the parameters as a form too, which is done where they are too long for a URL. */
  takesForm?: boolean;
  signal: AbortSignal;
}

/** A server with a query API: a question is sent, an answer or a refusal comes. */
export interface HttpApi {
  /** As in errors: `prometheus`, `loki`, `alertmanager`. */
  readonly name: string;
  /** The address without credentials. */
  readonly address: string;
  readonly timeoutMs: number;
  /** Any HTTP status is an answer here. Asked once more with new credentials when those in use were refused. */
  ask(question: Question): Promise<UpstreamResponse>;
  /** An error of this upstream; our secrets are taken out of the problem. */
  fail(code: ErrorCode, problem: string, hint?: string): ToolError;
  /** Refused credentials, a tenant that is missing or is not ours; `words` are those of the server. */
  denied(response: UpstreamResponse, words: string | null): ToolError;
  /** An answer that is none of this API's: of a proxy, of another server, a redirect. */
  unexpected(response: UpstreamResponse): ToolError;
  close(): Promise<void>;
}

const DEFAULTS = { timeoutMs: 20_000, maxBytes: 32 * 1024 * 1024, concurrency: 8 };

/** URLs longer than this are refused by proxies here and there; a form has no such limit. */
const MAX_QUERY_IN_URL = 1500;

/** `title` is the product as people write it; its settings begin with `TELEMCP_` and that in capitals. */
export function createHttpApi(
  title: string,
  settings: HttpApiSettings & { headers?: Readonly<Record<string, string>> },
): HttpApi {
  const { credentials, headers = {} } = settings;
  const limits = { ...DEFAULTS, ...settings };
  const upstream = createHttpUpstream({
    ...limits,
    name: title.toLowerCase(),
    headers: async () => ({ ...headers, ...(await credentials?.headers()) }),
  });
  const { address } = upstream;
  const variable = `TELEMCP_${title.toUpperCase()}`;
  const { username, password } = settings.url;
  const basic = `${percentDecoded(username)}:${percentDecoded(password)}`;
  const ofUrl = password === '' ? [] : [password, percentDecoded(password), Buffer.from(basic).toString('base64')];

  const conceal = (text: string) => {
    const concealed = credentials?.conceal(text) ?? text;
    return ofUrl.reduce(
      (shown, secret) => (secret.length < 4 ? shown : shown.replaceAll(secret, '[redacted]')),
      concealed,
    );
  };
  const fail = (code: ErrorCode, problem: string, hint?: string) =>
    new ToolError(code, conceal(problem), { upstream: upstream.name, hint: hint ?? null });
  const answered = ({ status, contentType }: UpstreamResponse) =>
    `${address}: answered HTTP ${status} (${contentType.split(';', 1)[0] || 'no content type'})`;

  function denialHint(words: string): string {
    const problem = credentials?.problem() ?? null;
    if (problem !== null) return `${problem}. What it held before was sent.`;
    const tenant = credentials?.tenant ?? null;
    if (/\borg id\b|tenant/i.test(words))
      return tenant === null
        ? `The operator sets ${variable}_TENANT.`
        : `The tenant asked for is ${tenant}; the operator sets another in ${variable}_TENANT, or credentials that may read it.`;
    if (credentials?.hasSecret || settings.url.username !== '')
      return 'It does not take the credentials of this bridge; the operator renews them.';
    return `The operator gives the bridge credentials: ${variable}_TOKEN_FILE, or ${variable}_USERNAME and ${variable}_PASSWORD_FILE.`;
  }

  /** What takes a form takes queries, of which a smaller one may be answered in time. */
  async function send(request: UpstreamRequest, isQuery: boolean): Promise<UpstreamResponse> {
    try {
      return await upstream.request(request);
    } catch (error) {
      if (!(error instanceof ToolError) || error.code !== 'timeout' || error.hint !== null) throw error;
      const less = isQuery ? 'Ask for less, such as a shorter time or a narrower selector; else see' : 'See';
      const hint = `${less} whether ${title} is overloaded; \`doctor\` checks that it answers.`;
      throw new ToolError(error.code, error.message, { upstream: error.upstream, hint, cause: error });
    }
  }

  return {
    name: upstream.name,
    address,
    timeoutMs: limits.timeoutMs,
    ask: async ({ path, parameters = {}, takesForm = false, signal }) => {
      const form = encode(parameters);
      const query = form.toString();
      const request =
        takesForm && query.length > MAX_QUERY_IN_URL
          ? { path, form, signal }
          : { path: query === '' ? path : `${path}?${query}`, signal };
      const revision = credentials?.revision();
      const response = await send(request, takesForm);
      if (response.status !== 401) return response;
      await credentials?.refresh();
      return credentials?.revision() === revision ? response : await send(request, takesForm);
    },
    fail,
    denied: ({ status }, words) =>
      fail('denied', `${address}: HTTP ${status}${words === null ? '' : `: ${words}`}`, denialHint(words ?? '')),
    unexpected: (response) => {
      const { status } = response;
      // What nginx and those made of it say of a client's certificate comes after a connection that stood.
      if (status === 400 && /SSL certificate/i.test(response.body.toString('utf8', 0, 2000)))
        return fail(
          'denied',
          `${answered(response)}: it does not accept our client certificate; ${settings.tls?.ownProblem() ?? 'we have one'}`,
          settings.tls?.advice,
        );
      if (status === 504) return fail('timeout', answered(response), 'A proxy gave up waiting; ask for less.');
      if (status >= 300 && status < 400)
        return fail(
          'bad_response',
          `${answered(response)}, a redirect`,
          'Set the address it leads to; redirects are not followed.',
        );
      return fail(
        'bad_response',
        status < 300 ? `${answered(response)}, which is not an answer of ${title}` : answered(response),
        status === 404 || status < 300
          ? `Check the address; ${title} may be served under a path prefix, as in http://host/${upstream.name}.`
          : `Something in front of ${title} answered; see whether ${title} itself is up.`,
      );
    },
    close: () => upstream.close(),
  };
}

function encode(parameters: Parameters): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) continue;
    if (typeof value !== 'object') form.set(name, String(value));
    else for (const each of value) form.append(name, each);
  }
  return form;
}
