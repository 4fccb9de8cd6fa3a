import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorAnswer } from '@telemcp/shared/routes';
import * as z from 'zod';

const CODES = {
  400: 'invalid_argument',
  403: 'invalid_argument',
  404: 'not_found',
  405: 'method_not_allowed',
  503: 'busy',
} as const;
type ErrorStatus = keyof typeof CODES;

/** A request that cannot be answered as it stands: the HTTP status, which argument is wrong and what would be right. */
export class RequestError extends Error {
  readonly status: ErrorStatus;
  readonly argument: string | null;

  constructor(status: ErrorStatus, message: string, argument: string | null = null) {
    super(message);
    this.name = 'RequestError';
    this.status = status;
    this.argument = argument;
  }

  answer(): ErrorAnswer {
    return { error: { code: CODES[this.status], message: this.message, argument: this.argument } };
  }
}

/** The answer to a request that met a bug. `bugId` is where the agent's log has the details. */
export function internalError(bugId: string): ErrorAnswer {
  const message = `internal error ${bugId}: this is a bug of the agent, its log holds the details under that id`;
  return { error: { code: 'internal_error', message, argument: null } };
}

/**
 * Checks a request's arguments.
 * @throws {RequestError} 400 naming the first wrong argument, and those there are when one is unknown
 */
export function parseArguments<S extends z.ZodObject>(schema: S, given: unknown): z.infer<S> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue?.code === 'unrecognized_keys') {
    const known = Object.keys(schema.shape);
    const advice = known.length === 0 ? 'this route takes none' : `there are ${known.join(', ')}`;
    const key = printable(issue.keys[0] ?? '');
    throw new RequestError(400, `unknown argument ${key}: ${advice}`, key);
  }
  const argument = String(issue?.path[0] ?? '');
  const value = z.record(z.string(), z.unknown()).safeParse(given).data?.[argument];
  const got = Array.isArray(value) ? 'it more than once' : JSON.stringify(printable(String(value)));
  throw new RequestError(400, `${argument}: ${issue?.message ?? 'not allowed'}; got ${got}`, argument);
}

/** Input as it may stand in an answer: 100 printable ASCII characters at most. */
export function printable(input: string): string {
  const shown = input.slice(0, 100).replace(/[^\x20-\x7e]/g, '?');
  return input.length > 100 ? `${shown.slice(0, 97)}...` : shown;
}

/** Answers what Node could not parse as HTTP in the same shape as every other error, and hangs up. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  // Called again for every further piece of what was refused. Hanging up before the other side has sent it all would make
  // the kernel reset the connection, and the answer would be lost with it.
  if (socket.writableEnded) return;
  const isHandshake = error.code?.startsWith('ERR_SSL') === true || error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT';
  if (isHandshake || error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const [status, message] = CLIENT_ERRORS[error.code ?? ''] ?? [400, 'this is not an HTTP/1.1 request'];
  const answer: ErrorAnswer = { error: { code: 'invalid_argument', message, argument: null } };
  const body = JSON.stringify(answer);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

/** How long what is left of a refused request may still arrive, milliseconds. */
const LINGER_MS = 1000;

const CLIENT_ERRORS: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'the request line and the headers are longer than 16 KiB together'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request did not arrive completely in time'],
};
