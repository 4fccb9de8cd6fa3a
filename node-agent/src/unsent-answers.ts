import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { RequestError } from './http-errors.ts';

/** How much of answers is held in memory for clients that have not taken it yet. */
export interface UnsentAnswers {
  /**
   * Whether there is room for an answer to `path`, asked before it is made: requests that came together are answered in step, so
   * that all their texts would be there before the first was counted. It counts as many bytes as the last answer to that path
   * had, until its response is closed.
   */
  mayHold(response: ServerResponse, path: string): boolean;
  /** How large an answer was. */
  learn(path: string, bytes: number): void;
}

/** What an answer counts that was never made before. */
const UNKNOWN_BYTES = 64 * 1024;
/** Sizes remembered: a client may ask in as many ways as it likes. */
const MAX_PATHS = 256;

/**
 * Bounds the sum over all connections, each of which may be slow. One answer may always be held, however large: it has to be
 * possible to ask for it.
 */
export function createUnsentAnswers(maxBytes: number): UnsentAnswers {
  const sizes = new Map<string, number>();
  let held = 0;
  return {
    mayHold: (response, path) => {
      const bytes = sizes.get(path) ?? UNKNOWN_BYTES;
      if (held > 0 && held + bytes > maxBytes) return false;
      held += bytes;
      response.once('close', () => {
        held -= bytes;
      });
      return true;
    },
    learn: (path, bytes) => {
      if (sizes.has(path) || sizes.size < MAX_PATHS) sizes.set(path, bytes);
    },
  };
}

/** Answers 503 on `routes` while clients have more than `maxBytes` of these routes' answers to take. */
export function boundUnsentAnswers(app: FastifyInstance, routes: readonly string[], maxBytes: number): void {
  const unsent = createUnsentAnswers(maxBytes);
  const concerns = (route = '', status: number) => status < 400 && routes.includes(route);
  app.addHook('preSerialization', async (request, reply, payload) => {
    if (concerns(request.routeOptions.url, reply.statusCode) && !unsent.mayHold(reply.raw, request.url))
      throw new RequestError(
        503,
        'too many clients at once ask for large answers, or are slow to take them; ask again',
      );
    return payload;
  });
  app.addHook('onSend', async (request, reply, payload) => {
    if (concerns(request.routeOptions.url, reply.statusCode) && typeof payload === 'string')
      unsent.learn(request.url, Buffer.byteLength(payload));
    return payload;
  });
}
