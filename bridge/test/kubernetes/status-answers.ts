import type { Json, JsonObject } from '../../src/kubernetes/json.ts';
import type { ServedResource } from './served-resources.ts';

/** What the server sends back in one piece. */
export interface Reply {
  status: number;
  contentType: string;
  body: string | Buffer;
  headers?: Readonly<Record<string, string>>;
}

/** Who the requests are from, in the words of the recorded server. */
const VIEWER = 'system:serviceaccount:mcp:viewer';

/** A `Status` of failure (meta/v1), its keys in the server's order. */
export function failure(code: number, reason: string, message: string, more: Failure = {}): Reply {
  const { details, headers, metadata = {} } = more;
  const status: JsonObject = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata,
    status: 'Failure',
    message,
    reason,
    ...(details === undefined ? {} : { details }),
    code,
  };
  return { status: code, ...jsonBody(status), ...(headers === undefined ? {} : { headers }) };
}

interface Failure {
  details?: JsonObject;
  headers?: Readonly<Record<string, string>>;
  metadata?: JsonObject;
}

/** A document as the server sends it: compact, with a line end. */
export function jsonBody(document: Json): { contentType: string; body: string } {
  return { contentType: 'application/json', body: `${JSON.stringify(document)}\n` };
}

/** What a path gets that no route leads to. */
export function pageNotFound(): Reply {
  return { status: 404, contentType: 'text/plain; charset=utf-8', body: '404 page not found\n' };
}

export function badRequest(message: string): Reply {
  return failure(400, 'BadRequest', message);
}

export function unauthorized(): Reply {
  return failure(401, 'Unauthorized', 'Unauthorized');
}

export function objectNotFound(resource: ServedResource, name: string): Reply {
  return failure(404, 'NotFound', `${qualified(resource)} "${name}" not found`, { details: detailsOf(resource, name) });
}

/** A refusal of RBAC. `plural` may have a subresource: `pods/log`. */
export function forbidden(
  verb: string,
  resource: ServedResource,
  of: { plural: string; namespace: string; name: string },
): Reply {
  const subject = of.name === '' ? qualified(resource) : `${qualified(resource)} "${of.name}"`;
  const where = of.namespace === '' ? 'at the cluster scope' : `in the namespace "${of.namespace}"`;
  return failure(
    403,
    'Forbidden',
    `${subject} is forbidden: User "${VIEWER}" cannot ${verb} resource "${of.plural}" in API group "${resource.group}" ${where}`,
    { details: detailsOf(resource, of.name) },
  );
}

/** A continue token whose snapshot is gone; `fresh` goes on from there without one. */
export function expiredContinue(fresh: string): Reply {
  const message =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.';
  return failure(410, 'Expired', message, { metadata: { continue: fresh } });
}

function qualified({ plural, group }: ServedResource): string {
  return group === '' ? plural : `${plural}.${group}`;
}

function detailsOf({ plural, group }: ServedResource, name: string): JsonObject {
  return { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind: plural };
}
