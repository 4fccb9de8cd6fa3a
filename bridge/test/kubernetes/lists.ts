import type { Shape } from './accept.ts';
import type { Cluster, Stored } from './cluster.ts';
import { apiVersionOf, type Include, itemText, metadataText, objectText, rowText } from './object-text.ts';
import { continueToken, firstNotBefore, readContinue } from './paging.ts';
import { printerOf } from './printers/registry.ts';
import { BadSelector, fieldSelector, labelSelector, type Selects } from './selectors.ts';
import type { ServedResource } from './served-resources.ts';
import { badRequest, expiredContinue, type Reply } from './status-answers.ts';

/** What a list or an object is asked for with. */
export interface Question {
  resource: ServedResource;
  /** Empty for all. */
  namespace: string;
  shape: Shape;
  query: URLSearchParams;
  nowMs: number;
}

/** One page of a list in the shape that was asked for. `expired`: its continue token has run out. */
export function listReply(cluster: Cluster, question: Question, expired: boolean): Reply {
  const { resource, namespace, query } = question;
  const selects = selectorOf(query, resource);
  if (typeof selects === 'string') return badRequest(selects);
  const include = includeOf(query);
  if (include === null) return badRequest(`unrecognized includeObject value: "${query.get('includeObject')}"`);
  const prefix = namespace === '' ? '' : `${namespace}/`;
  const inScope = scopeOf(cluster.all(resource), prefix);
  const token = query.get('continue') ?? '';
  const from = readContinue(token);
  if (token !== '' && from === null) return badRequest('continue key is not valid: invalid character in token');
  const start = from === null ? 0 : firstNotBefore(inScope, prefix + from.start.replace(/^\//, ''));
  const makeToken = (revision: number, last: Stored) =>
    continueToken({ revision, start: `${resource.storage === 'events' ? '' : '/'}${last.key.slice(prefix.length)}\0` });
  if (from !== null && expired) {
    const before = inScope[start - 1];
    return expiredContinue(before === undefined ? '' : makeToken(-1, before));
  }
  const { page, next } = pageOf(inScope, start, limitOf(query), selects ?? (() => true));
  const revision = from === null || from.revision < 0 ? cluster.revision : from.revision;
  const last = page.at(-1);
  const metadata = {
    resourceVersion: String(revision),
    ...(next === null || last === undefined ? {} : { continue: makeToken(revision, last) }),
    ...(next === null || selects !== null ? {} : { remainingItemCount: inScope.length - next }),
  };
  return { status: 200, contentType: 'application/json', body: listText(question, metadata, page, include) };
}

/** One object in the shape that was asked for. */
export function objectReply(stored: Stored, { resource, shape, query, nowMs }: Question): Reply {
  const include = includeOf(query) ?? 'Metadata';
  const texts = {
    object: () => objectText(resource, stored),
    metadata: () => metadataText(stored),
    table: () =>
      tableText(resource, { resourceVersion: String(stored.revision) }, [rowText(resource, stored, include, nowMs)]),
  };
  return { status: 200, contentType: 'application/json', body: `${texts[shape]()}\n` };
}

/** All selectors of a query in one; null for none; the server's words for one that it refuses. */
export function selectorOf(query: URLSearchParams, resource: ServedResource): Selects | null | string {
  const labels = query.get('labelSelector') ?? '';
  const fields = query.get('fieldSelector') ?? '';
  try {
    const all: Selects[] = [];
    if (labels !== '') all.push(labelSelector(labels));
    if (fields !== '') all.push(fieldSelector(fields, resource));
    return all.length === 0 ? null : (object) => all.every((selects) => selects(object));
  } catch (error) {
    if (error instanceof BadSelector) return error.message;
    throw error;
  }
}

/** The objects whose keys begin with the prefix. */
export function scopeOf(all: readonly Stored[], prefix: string): readonly Stored[] {
  if (prefix === '') return all;
  const from = firstNotBefore(all, prefix);
  return all.slice(from, firstNotBefore(all, `${prefix}\uffff`));
}

/** The watch cache answers a list at revision 0 whole, whatever the limit. */
function limitOf(query: URLSearchParams): number {
  const limit = Number(query.get('limit') ?? 0);
  return query.get('resourceVersion') === '0' || limit === 0 ? Number.POSITIVE_INFINITY : limit;
}

function pageOf(
  inScope: readonly Stored[],
  start: number,
  limit: number,
  selects: Selects,
): { page: Stored[]; next: number | null } {
  const page: Stored[] = [];
  for (let index = start; index < inScope.length; index += 1) {
    const stored = inScope[index];
    if (stored === undefined || !selects(stored.body)) continue;
    if (page.length === limit) return { page, next: index };
    page.push(stored);
  }
  return { page, next: null };
}

function listText(question: Question, metadata: object, page: readonly Stored[], include: Include): string {
  const { resource, shape, nowMs } = question;
  const listMetadata = JSON.stringify(metadata);
  if (shape === 'table') {
    return `${tableText(
      resource,
      metadata,
      page.map((stored) => rowText(resource, stored, include, nowMs)),
    )}\n`;
  }
  const [kind, apiVersion] =
    shape === 'metadata'
      ? ['PartialObjectMetadataList', 'meta.k8s.io/v1']
      : [`${resource.kind}List`, apiVersionOf(resource)];
  const items = page.map((stored) => (shape === 'metadata' ? metadataText(stored) : itemText(resource, stored)));
  return `{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":${listMetadata},"items":[${items.join(',')}]}\n`;
}

function tableText(resource: ServedResource, metadata: object, rows: readonly string[]): string {
  const definitions = JSON.stringify(printerOf(resource).columns);
  return `{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":${JSON.stringify(metadata)},"columnDefinitions":${definitions},"rows":[${rows.join(',')}]}`;
}

function includeOf(query: URLSearchParams): Include | null {
  const include = query.get('includeObject') ?? 'Metadata';
  return include === 'None' || include === 'Metadata' || include === 'Object' ? include : null;
}
