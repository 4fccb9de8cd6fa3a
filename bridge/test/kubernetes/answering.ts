import type { IncomingMessage } from 'node:http';
import { shapeOf, wantsAggregatedDiscovery } from './accept.ts';
import type { Cluster } from './cluster.ts';
import { listReply, objectReply, type Question, selectorOf } from './lists.ts';
import { logReply } from './logs.ts';
import { recording } from './recordings.ts';
import { type Route, routeOf } from './routes.ts';
import { discoveryDocument } from './served-resources.ts';
import {
  badRequest,
  failure,
  forbidden,
  jsonBody,
  objectNotFound,
  pageNotFound,
  type Reply,
  unauthorized,
} from './status-answers.ts';

/** What RBAC refuses: a verb (`*` for all) on a resource, everywhere or in one namespace. */
export interface Denial {
  verb: 'get' | 'list' | 'watch' | '*';
  /** As RBAC names it: `pods`, `pods/log`, `*`. */
  resource: string;
  /** Any unless given. */
  group?: string;
  /** Lists over all namespaces are refused too where only one namespace is. */
  namespace?: string;
}

/** What the answers depend on. */
export interface Serving {
  cluster: Cluster;
  denied: readonly Denial[];
  token: string | null;
  metrics: boolean | 'down';
  nowMs: number;
  /** Asked once for each page of a list that goes on. */
  isExpired(): boolean;
}

/** An answer in one piece, a log in chunks, or a watch that is about to begin. */
export type Answering = Reply | { log: Iterable<string | Buffer> } | { watch: Question };

const METRICS_GROUP = 'metrics.k8s.io';

/** Answers one request. */
export function answer(serving: Serving, request: IncomingMessage): Answering {
  const { method = 'GET', url: path = '/', headers } = request;
  if (method !== 'GET') {
    return failure(405, 'MethodNotAllowed', `the tests' API server is only read, never ${method}`);
  }
  if (serving.token !== null && headers.authorization !== `Bearer ${serving.token}`) return unauthorized();
  const { pathname, searchParams: query } = new URL(path, 'http://api-server');
  const special = specialReply(serving, pathname, query.has('verbose'), headers.accept);
  if (special !== null) return special;
  const route = routeOf(serving.cluster, pathname);
  if (route === null) return pageNotFound();
  if (route.resource.group === METRICS_GROUP && serving.metrics !== true) {
    return serving.metrics === false
      ? pageNotFound()
      : { status: 503, contentType: 'text/plain; charset=utf-8', body: 'service unavailable\n' };
  }
  return routed(serving, route, query, headers.accept);
}

function routed(serving: Serving, route: Route, query: URLSearchParams, accept: string | undefined): Answering {
  const { cluster, nowMs } = serving;
  const { resource, namespace, name, subresource } = route;
  const isWatch = ['true', '1'].includes(query.get('watch') ?? '');
  const verb = name !== '' ? 'get' : isWatch ? 'watch' : 'list';
  const plural = subresource === '' ? resource.plural : `${resource.plural}/${subresource}`;
  if (serving.denied.some((denial) => denies(denial, verb, plural, route))) {
    return forbidden(verb, resource, { plural, namespace, name });
  }
  const shape = shapeOf(accept);
  if (shape === null) return notAcceptable();
  const question: Question = { resource, namespace, shape, query, nowMs };
  if (isWatch && name === '') {
    const refused = selectorOf(query, resource);
    return typeof refused === 'string' ? badRequest(refused) : { watch: question };
  }
  if (name === '') return listReply(cluster, question, query.has('continue') && serving.isExpired());
  const stored = cluster.get(resource, namespace, name);
  if (stored === undefined) return objectNotFound(resource, name);
  if (subresource === 'log' && resource.plural === 'pods') {
    const log = logReply(cluster, { pod: stored.body, namespace, name, query, nowMs });
    return 'status' in log ? log : { log };
  }
  return subresource === '' || subresource === 'status' ? objectReply(stored, question) : pageNotFound();
}

function denies(denial: Denial, verb: string, plural: string, { resource, namespace }: Route): boolean {
  const isPlace = denial.namespace === undefined || denial.namespace === namespace || namespace === '';
  return (
    (denial.verb === '*' || denial.verb === verb) &&
    (denial.resource === '*' || denial.resource === plural) &&
    (denial.group === undefined || denial.group === resource.group) &&
    isPlace
  );
}

function specialReply(
  { cluster, metrics }: Serving,
  pathname: string,
  verbose: boolean,
  accept: string | undefined,
): Reply | null {
  if (pathname === '/version') return { status: 200, ...jsonBody(recording('version').body) };
  if (['/readyz', '/livez', '/healthz'].includes(pathname)) {
    return {
      status: 200,
      contentType: 'text/plain; charset=utf-8',
      body: verbose ? String(recording('readyz-verbose').body) : 'ok',
    };
  }
  if (pathname !== '/api' && pathname !== '/apis') return null;
  if (!wantsAggregatedDiscovery(accept)) return notAcceptable();
  const stale = new Set(metrics === 'down' ? [METRICS_GROUP] : []);
  const served = cluster.resources.filter(({ group }) =>
    pathname === '/api' ? group === '' : group !== '' && (group !== METRICS_GROUP || metrics !== false),
  );
  return {
    status: 200,
    ...jsonBody(discoveryDocument(served, stale)),
    contentType: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  };
}

function notAcceptable(): Reply {
  const message = 'only the following media types are accepted: application/json';
  return failure(406, 'NotAcceptable', message);
}
