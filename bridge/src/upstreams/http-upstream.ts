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
import { type Dispatcher, Pool } from 'undici';
import { withDeadline } from '../deadline.ts';
import { ToolError } from '../errors.ts';
import type { ClientTls } from './client-tls.ts';
import { connectionFault } from './connection-faults.ts';
import { decodedBody } from './content-coding.ts';

export interface HttpUpstreamOptions {
  /** What errors call it: `prometheus`, `agent node-0007`. */
  name: string;
  /** Address with an optional path prefix and credentials, or `unix:/path` of a socket; never taken from a request. */
  url: URL;
  /** How to connect where the address is https; the system's authorities unless told. */
  tls?: ClientTls | undefined;
  /** Headers of every request, asked for before each: credentials change while the bridge runs. */
  headers?: (() => Promise<Readonly<Record<string, string>>>) | undefined;
  /** Makes the connections in place of our own pool, asked for before each request; whoever gives it closes it. */
  dispatcher?: (() => Promise<Dispatcher>) | undefined;
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
  /** The forms of an answer that are understood; JSON unless told. */
  accept?: string;
  /** Sent as a form by POST, for queries too long for a URL. */
  form?: URLSearchParams;
  signal: AbortSignal;
}

export interface UpstreamResponse {
  status: number;
  contentType: string;
  /** After how many seconds the server wants to be asked again (RFC 9110 §10.2.3); null when it does not say so in seconds. */
  retryAfter: number | null;
  body: Buffer;
}

/** An answer whose body comes as it is read. */
export interface UpstreamStream extends Omit<UpstreamResponse, 'body'> {
  /** Breaking out of the loop ends the request. Throws as `request` does. */
  body: AsyncIterable<Buffer>;
}

/** One HTTP server that this bridge reads from. */
export interface HttpUpstream {
  readonly name: string;
  /** The address without credentials, for messages. */
  readonly address: string;
  /** Any HTTP status is an answer here. @throws {ToolError} `unreachable`, `timeout`, `too_large`, `bad_response` */
  request(request: UpstreamRequest): Promise<UpstreamResponse>;
  /** As `request`, done when the headers are here; the deadline and the limit of bytes do not hold for the body. */
  stream(request: UpstreamRequest): Promise<UpstreamStream>;
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

  async function open(request: UpstreamRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(request.query ?? {}))
      if (value !== undefined) query.set(key, String(value));
    const form = request.form?.toString();
    try {
      const current = await options.headers?.();
      // Last, so that nothing comes between and replaces the connections that it gives.
      const through = options.dispatcher === undefined ? pool : await options.dispatcher();
      const path = `${prefix}${request.path}${query.size === 0 ? '' : `?${query}`}`;
      return await through.request({
        origin: url.origin,
        path,
        method: form === undefined ? 'GET' : 'POST',
        headers: {
          ...headers,
          ...current,
          ...(request.accept === undefined ? {} : { accept: request.accept }),
          ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        },
        ...(form === undefined ? {} : { body: form }),
        signal,
        headersTimeout: options.timeoutMs,
        bodyTimeout: options.timeoutMs,
      });
    } catch (error) {
      throw faultOf(error, signal, true);
    }
  }

  function faultOf(error: unknown, signal: AbortSignal, isUnanswered: boolean): unknown {
    if (error instanceof ToolError) return error;
    if (signal.reason instanceof ToolError) return signal.reason;
    const fault = connectionFault(error, tls, isUnanswered);
    return fail(fault.code, fault.problem, fault.hint ?? undefined, error);
  }

  async function* read(response: Dispatcher.ResponseData, signal: AbortSignal): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of decodedBody(response)) yield chunk;
    } catch (error) {
      throw faultOf(error, signal, false);
    }
  }

  async function once(request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamResponse> {
    const response = await open(request, signal);
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of read(response, signal)) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > options.maxBytes)
        throw fail(
          'too_large',
          `more than ${options.maxBytes} bytes`,
          'Ask for less: fewer series, a shorter range, a narrower selector.',
        );
    }
    return { ...headOf(response), body: Buffer.concat(chunks, length) };
  }

  /** Within the deadline, in its turn, and not at all while the upstream is known to be down. */
  async function guard<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await withDeadline({ ms: options.timeoutMs, signal, late }, (ending) =>
        // The signal is not handed to the queue: one that is cancelled in there would not wake the next (cockatiel 3.2).
        guarded.execute(() => work(ending)),
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
  }

  return {
    name,
    address,
    request: (request) => guard(request.signal, (signal) => once(request, signal)),
    stream: async (request) => {
      const response = await guard(request.signal, (signal) =>
        open(request, AbortSignal.any([signal, request.signal])),
      );
      return { ...headOf(response), body: read(response, request.signal) };
    },
    close: () => pool.destroy(),
  };
}

const DOWN = new Set(['unreachable', 'timeout']);

function headOf({ statusCode, headers }: Dispatcher.ResponseData): Omit<UpstreamResponse, 'body'> {
  const type = headers['content-type'];
  const retryAfter = Number.parseInt(String(headers['retry-after'] ?? ''), 10);
  return {
    status: statusCode,
    contentType: typeof type === 'string' ? type : '',
    retryAfter: Number.isNaN(retryAfter) ? null : retryAfter,
  };
}

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
