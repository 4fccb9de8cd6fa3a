import * as z from 'zod';
import type { UpstreamResponse } from './http-upstream.ts';
import { jsonBody } from './json-body.ts';

const Words = z.union([
  z.string(),
  z.object({ error: z.string() }).transform(({ error }) => error),
  z.object({ message: z.string() }).transform(({ message }) => message),
]);

/** Longer than any error that says something; what follows is a dump. */
const MAX_BYTES = 4000;

/**
 * What a server says of its own when it refuses: plain text, a string of JSON, or the `error` or `message` of an object. Null where
 * there is nothing of the kind, as in a page of HTML.
 */
export function refusalWords(response: UpstreamResponse): string | null {
  const text = response.body.toString('utf8', 0, MAX_BYTES).trim();
  if (text === '' || text.startsWith('<') || /html/i.test(response.contentType)) return null;
  const json = jsonBody(response);
  return json === undefined ? text : (Words.safeParse(json).data ?? null);
}
