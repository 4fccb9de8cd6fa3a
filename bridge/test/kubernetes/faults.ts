import type { IncomingMessage, ServerResponse } from 'node:http';
import { failure, type Reply } from './status-answers.ts';

/** What goes wrong with an answer. */
export type Fault =
  /** Answers with this status: a `Status` in JSON, or `text` as it is. 429 and 503 may say when to come back. */
  | { kind: 'status'; status: number; retryAfterSeconds?: number; text?: string }
  /** Never answers. */
  | { kind: 'silent' }
  /** Sends the header, then nothing. */
  | { kind: 'header-only' }
  /** Hangs up after this many bytes of the body; half of it unless told. */
  | { kind: 'cut'; afterBytes?: number }
  /** Sends this many bytes of the body, then nothing more; half of it unless told. */
  | { kind: 'stalled'; afterBytes?: number }
  /** A page of a proxy with status 200. */
  | { kind: 'html' }
  /** JSON that breaks off, with a whole length. */
  | { kind: 'invalid-json' }
  /** JSON of the wrong kind: a list instead of an object. */
  | { kind: 'wrong-shape' }
  /** One list item of this many bytes. */
  | { kind: 'huge'; bytes: number }
  /** Answers with another answer's body. */
  | { kind: 'body'; status?: number; contentType?: string; body: string };

/** Which requests a fault is for. */
export interface FaultRule {
  /** Part of the path with its query, or a pattern of it. */
  path: string | RegExp;
  fault: Fault;
  /** How often; always unless told. */
  times?: number;
}

/** Takes the first rule for a path; one that was used up is gone. */
export function takeFault(rules: FaultRule[], path: string): Fault | null {
  const index = rules.findIndex((rule) =>
    typeof rule.path === 'string' ? path.includes(rule.path) : rule.path.test(path),
  );
  const rule = rules[index];
  if (rule === undefined) return null;
  if (rule.times !== undefined) {
    rule.times -= 1;
    if (rule.times <= 0) rules.splice(index, 1);
  }
  return rule.fault;
}

/** A reply that is not the one asked for; null for faults of the connection. */
export function faultyReply(fault: Fault): Reply | null {
  if (fault.kind === 'status') return statusReply(fault);
  if (fault.kind === 'html') {
    return { status: 200, contentType: 'text/html', body: '<html><body><h1>Sign in</h1></body></html>\n' };
  }
  if (fault.kind === 'invalid-json') return json('{"kind":"PodList","apiVersion":"v1","items":[{"metadata":');
  if (fault.kind === 'wrong-shape') return json('[1,2,3]\n');
  if (fault.kind === 'huge') return json(hugeList(fault.bytes));
  if (fault.kind !== 'body') return null;
  const { status = 200, contentType = 'application/json', body } = fault;
  return { status, contentType, body };
}

/** Sends a good reply over a bad connection. */
export function sendBadly(fault: Fault, reply: Reply, request: IncomingMessage, response: ServerResponse): void {
  if (fault.kind === 'silent') return;
  const body = Buffer.from(reply.body);
  // A log has no length that is known before its end.
  const length = reply.contentType === 'text/plain' ? {} : { 'content-length': body.length };
  response.writeHead(reply.status, { 'content-type': reply.contentType, ...length });
  if (fault.kind === 'cut' || fault.kind === 'stalled') {
    const part = body.subarray(0, fault.afterBytes ?? Math.ceil(body.length / 2));
    response.write(part, () => {
      if (fault.kind === 'cut') request.socket.destroy();
    });
    return;
  }
  response.flushHeaders();
}

/** As much of a log as a fault lets through: 4 kB unless told. */
export function beginningOf(log: Iterable<string | Buffer>, fault: Fault): Reply {
  const most = 'afterBytes' in fault && fault.afterBytes !== undefined ? fault.afterBytes : 4096;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for (const chunk of log) {
    chunks.push(Buffer.from(chunk));
    bytes += Buffer.byteLength(chunk);
    if (bytes > most) break;
  }
  return { status: 200, contentType: 'text/plain', body: Buffer.concat(chunks) };
}

function statusReply({ status, retryAfterSeconds, text }: Extract<Fault, { kind: 'status' }>): Reply {
  const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  if (text !== undefined) return { status, contentType: 'text/plain; charset=utf-8', body: text, headers };
  const [reason, message] = WORDS[status] ?? ['InternalError', 'an error on the server has prevented the request'];
  return failure(status, reason, message, {
    headers,
    ...(retryAfterSeconds === undefined ? {} : { details: { retryAfterSeconds } }),
  });
}

const WORDS: Readonly<Record<number, readonly [reason: string, message: string]>> = {
  403: ['Forbidden', 'forbidden'],
  429: ['TooManyRequests', 'too many requests, please try again later'],
  500: ['InternalError', 'Internal error occurred: etcdserver: leader changed'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: ['Timeout', 'Timeout: request did not complete within the allotted timeout'],
};

function json(body: string): Reply {
  return { status: 200, contentType: 'application/json', body };
}

function hugeList(bytes: number): string {
  return `{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"name":"${'x'.repeat(bytes)}"}}]}\n`;
}
