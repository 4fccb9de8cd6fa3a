import type { UpstreamResponse } from './http-upstream.ts';

/** The body of an answer read as JSON; undefined where it is none, as in a page of HTML or an answer that breaks off. */
export function jsonBody({ body }: Pick<UpstreamResponse, 'body'>): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
