import {
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  isBrokenCircuitError,
  wrap,
} from 'cockatiel';
import { Pool } from 'undici';
import { withDeadline } from '../deadline.ts';
import { ToolError } from '../errors.ts';
import type { ClientTls } from './client-tls.ts';
import { connectionFault } from './connection-faults.ts';

export interface HttpUpstreamOptions {
  /** What errors call it: `prometheus`, `agent node-0007`. */
  name: string;
  /** Address with an optional path prefix and credentials, or `unix:/path` of a socket; never taken from a request. */
  url: URL;
  /** How to connect where the address is https; the system's authorities unless told. */
  tls?: ClientTls | undefined;
  /** The longest one request may take, milliseconds; below the deadline of a call. */
  timeoutMs: number;
  /** The largest body read, bytes. */
  maxBytes: number;
  /** Requests in flight at once; four times as many may wait. */
  concurrency: number;
}

export interface UpstreamRequest {
  /** Path below the upstream's address, starting with `/`. */
  path: string;
  query?: Readonly<Record<string, string | number | undefined>>;
  /** Sent as a form by POST, for queries too long for a URL. */
  form?: URLSearchParams;
  signal: AbortSignal;
}

export interface UpstreamResponse {
  status: number;
  contentType: string;
  body: Buffer;
}

/** One HTTP server that this bridge reads from. */
export interface HttpUpstream {
  readonly name: string;
  /** The address without credentials, for messages. */
  readonly address: string;
  /** Any HTTP status is an answer here. @throws {ToolError} `unreachable`, `timeout`, `too_large`, `bad_response` */
  request(request: UpstreamRequest): Promise<UpstreamResponse>;
  close(): Promise<void>;
}

const FAILURES_TO_OPEN = 5;
const OPEN_MS = 10_000;

/**
 * Every request has a deadline and a place in a bounded queue. After five connections in a row that failed, requests fail at
 * once for ten seconds, then one is let through to see.
 */
export function createHttpUpstream(options: HttpUpstreamOptions): HttpUpstream {
  const { name, url } = options;
  const socketPath = url.protocol === 'unix:' ? decoded(url.pathname) : null;
  const prefix = socketPath === null ? url.pathname.replace(/\/$/, '') : '';
  const headers: Record<string, string> = { accept: 'application/json' };
  if (url.username !== '') {
    const credentials = `${decoded(url.username)}:${decoded(url.password)}`;
    headers.authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  }
  const address = socketPath === null ? `${url.origin}${prefix}` : `unix:${socketPath}`;
  const tls = url.protocol === 'https:' ? (options.tls ?? null) : null;
  const connecting = { timeout: options.timeoutMs, ...(socketPath === null ? {} : { socketPath }) };
  const pool = new Pool(socketPath === null ? url.origin : 'http://localhost', {
    connections: options.concurrency,
    connect: tls?.connect ?? connecting,
  });
  // A caller that gave up says nothing about the upstream.
  const abandoned = new WeakSet<ToolError>();
  let lastFault = '';
  const breaker = circuitBreaker(
    handleWhen((error) => {
      if (!(error instanceof ToolError) || !DOWN.has(error.code) || abandoned.has(error)) return false;
      lastFault = error.message.replace(`${address}: `, '');
      return true;
    }),
    {
      halfOpenAfter: OPEN_MS,
      breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN),
    },
  );
  const guarded = wrap(bulkhead(options.concurrency, options.concurrency * 4), breaker);
  const fail = (code: ConstructorParameters<typeof ToolError>[0], problem: string, hint?: string, cause?: unknown) =>
    new ToolError(code, `${address}: ${problem}`, { upstream: name, hint: hint ?? null, cause });

  const late = (by: 'clock' | 'caller') => {
    if (by === 'clock') return fail('timeout', `no answer within ${options.timeoutMs / 1000} s`);
    const error = fail('timeout', 'the call ended before it answered');
    abandoned.add(error);
    return error;
  };

  async function once(request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamResponse> {
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(request.query ?? {}))
      if (value !== undefined) query.set(key, String(value));
    const path = `${prefix}${request.path}${query.size === 0 ? '' : `?${query}`}`;
    const form = request.form?.toString();
    let isUnanswered = true;
    try {
      const response = await pool.request({
        path,
        method: form === undefined ? 'GET' : 'POST',
        headers: form === undefined ? headers : { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
        ...(form === undefined ? {} : { body: form }),
        signal,
        headersTimeout: options.timeoutMs,
        bodyTimeout: options.timeoutMs,
      });
      isUnanswered = false;
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of response.body) {
        chunks.push(chunk);
        length += chunk.length;
        if (length > options.maxBytes) {
          response.body.destroy();
          throw fail(
            'too_large',
            `more than ${options.maxBytes} bytes`,
            'Ask for less: fewer series, a shorter range, a narrower selector.',
          );
        }
      }
      const type = response.headers['content-type'];
      return {
        status: response.statusCode,
        contentType: typeof type === 'string' ? type : '',
        body: Buffer.concat(chunks, length),
      };
    } catch (error) {
      if (error instanceof ToolError) throw error;
      if (signal.reason instanceof ToolError) throw signal.reason;
      const fault = connectionFault(error, tls, isUnanswered);
      throw fail(fault.code, fault.problem, fault.hint ?? undefined, error);
    }
  }

  return {
    name,
    address,
    request: async (request) => {
      try {
        return await withDeadline({ ms: options.timeoutMs, signal: request.signal, late }, (signal) =>
          // The signal is not handed to the queue: one that is cancelled in there would not wake the next (cockatiel 3.2).
          guarded.execute(() => once(request, signal)),
        );
      } catch (error) {
        if (isBrokenCircuitError(error) || error instanceof BrokenCircuitError) {
          throw fail(
            'unreachable',
            `${lastFault} (${FAILURES_TO_OPEN} times in a row; not asked again for up to ${OPEN_MS / 1000} s)`,
            'See that it runs and that the address is right; `doctor` checks this.',
          );
        }
        if (error instanceof BulkheadRejectedError)
          throw fail('too_large', 'too many requests are waiting for it', 'Try again later.');
        throw error;
      }
    },
    close: () => pool.destroy(),
  };
}

const DOWN = new Set(['unreachable', 'timeout']);

/** Without its percent-encoding. A `%` that begins none stands for itself: the URL parser lets it pass, in passwords for one. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}
