import { ToolError } from '../errors.ts';
import { resourceName } from '../kubernetes/discovery.ts';
import { type Json, textAt } from '../kubernetes/json.ts';
import type { UpstreamResponse } from './http-upstream.ts';
import type { ResourceType } from './kubernetes.ts';

/** A page of a list that the server no longer has (410, reason Expired): the list must be begun again. */
export class ListExpired extends Error {}

interface Refused {
  /** Of the API server. */
  upstream: string;
  address: string;
  path: string;
  /** What was read; null for what is no object. */
  type: ResourceType | null;
}

/** What a status of the API server other than 200 means, in its own words (meta/v1 Status) where it has any. */
export function refusal(response: Pick<UpstreamResponse, 'status' | 'contentType' | 'body'>, at: Refused): Error {
  const { status } = response;
  const words = textAt(parseStatus(response.body), 'message');
  const type = response.contentType.split(';', 1)[0] || 'no content type';
  const answered = `${at.address}${at.path}: answered HTTP ${status} (${type})`;
  const fail = (code: ConstructorParameters<typeof ToolError>[0], message: string, hint?: string) =>
    new ToolError(code, message, { upstream: at.upstream, hint: hint ?? null });
  switch (status) {
    case 400:
    case 422:
      return fail('bad_query', words ?? answered);
    case 401:
      return fail(
        'denied',
        words ?? answered,
        'The credentials of the bridge are wrong or expired; `kubectl auth whoami` with the same kubeconfig shows whose they are.',
      );
    case 403:
      return fail('denied', words ?? answered, permissionHint(at));
    case 404:
      return fail('not_found', words ?? `${answered}; this server does not serve that path`);
    case 405:
    case 406:
      return fail('bad_query', words ?? answered, 'This kind cannot be read that way.');
    case 410:
      return new ListExpired(words ?? answered);
    case 429:
      return fail(
        'too_large',
        words ?? answered,
        'The API server has more requests than it takes; ask for less, or again later.',
      );
    case 504:
      return fail('timeout', words ?? answered, 'The API server did not get it done in time; ask for less.');
    case 502:
    case 503:
      return fail(
        'unreachable',
        words ?? answered,
        'The API server, or what serves this kind behind it, is not ready.',
      );
    default:
      return fail('bad_response', words === undefined ? answered : `${answered}: ${words}`);
  }
}

function permissionHint({ type, path }: Refused): string {
  if (type === null) return 'The operator gives the bridge the permission.';
  if (path.endsWith('/log')) return `The operator gives the bridge get on ${resourceName(type)}/log in a ClusterRole.`;
  return `The operator gives the bridge get and list on ${resourceName(type)} in a ClusterRole, or asks for one namespace only.`;
}

function parseStatus(body: Buffer): Json {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}
