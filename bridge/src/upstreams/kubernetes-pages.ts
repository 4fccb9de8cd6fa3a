import { ToolError } from '../errors.ts';
import { type Json, listAt, numberAt, textAt } from '../kubernetes/json.ts';
import type { Listed, ListQuery, ResourceType } from './kubernetes.ts';
import { ListExpired } from './kubernetes-refusal.ts';
import { type KubernetesRequests, listPath } from './kubernetes-requests.ts';

/** A form of a list, and what is kept of a page, or a part of a page, of it. */
export interface ListForm<T> {
  accept?: string;
  includeObject?: 'None' | 'Metadata' | 'Object';
  /** `0` for whatever the server's watch cache holds, in one answer. */
  resourceVersion?: '0';
  /** Objects on the first page. */
  limit: number;
  read(page: Json): { count: number; kept: readonly T[] };
}

/** A page is asked for so that it is about so large. */
const PAGE_BYTES = 1024 * 1024;
const FEWEST = 50;
const MOST = 5000;
const RESTARTS = 3;
const NAME = 'kubernetes';

/** All pages of a list, from the start again when it expires midway. */
export async function readPages<T>(
  requests: KubernetesRequests,
  type: ResourceType,
  query: ListQuery,
  form: ListForm<T>,
  signal: AbortSignal,
): Promise<Listed<T>> {
  for (let restarts = 0; ; restarts += 1) {
    try {
      return await readOnce(requests, type, query, form, signal);
    } catch (error) {
      if (!(error instanceof ListExpired)) throw error;
      if (restarts === RESTARTS)
        throw new ToolError(
          'bad_response',
          `${listPath(type, query.namespace)}: expired ${RESTARTS + 1} times midway`,
          {
            upstream: NAME,
            hint: 'The server forgets revisions faster than they can be read; ask for one namespace, or with a selector.',
            cause: error,
          },
        );
    }
  }
}

async function readOnce<T>(
  requests: KubernetesRequests,
  type: ResourceType,
  { namespace, labelSelector, fieldSelector, first = Number.POSITIVE_INFINITY }: ListQuery,
  form: ListForm<T>,
  signal: AbortSignal,
): Promise<Listed<T>> {
  const path = listPath(type, namespace);
  const { accept, includeObject, resourceVersion: from } = form;
  const items: T[] = [];
  let seen = 0;
  let limit = Math.min(form.limit, first);
  const wanted = { includeObject, labelSelector, fieldSelector, resourceVersion: from };
  let token: string | undefined;
  for (;;) {
    const { parts, bytes } = await requests.list(
      {
        path,
        query: from === undefined ? { ...wanted, limit, continue: token } : wanted,
        ...(accept === undefined ? {} : { accept: `${accept},application/json` }),
        signal,
      },
      type,
    );
    let listed = 0;
    let document: Json = null;
    for await (document of parts) {
      if (!/(?:List|^Table)$/.test(textAt(document, 'kind') ?? ''))
        throw new ToolError('bad_response', `${path}: answered what is not a list`, {
          upstream: NAME,
          hint: 'See that the address is that of a Kubernetes API server.',
        });
      const { count, kept } = form.read(document);
      for (const item of kept) items.push(item);
      listed += count;
    }
    seen += listed;
    token = textAt(document, 'metadata', 'continue') || undefined;
    const resourceVersion = textAt(document, 'metadata', 'resourceVersion') ?? '';
    if (token === undefined) return { items, resourceVersion, remaining: 0 };
    if (seen >= first)
      return { items, resourceVersion, remaining: numberAt(document, 'metadata', 'remainingItemCount') ?? null };
    const fitting = Math.round((PAGE_BYTES / bytes) * Math.max(listed, 1));
    limit = Math.min(Math.max(fitting, FEWEST), MOST, first - seen);
  }
}

/** The objects of a plain list, of which some are kept. */
export function readItems<T, O>(items: readonly O[], pick: (item: O) => T | undefined) {
  const kept: T[] = [];
  for (const item of items) {
    const picked = pick(item);
    if (picked !== undefined) kept.push(picked);
  }
  return { count: items.length, kept };
}

/** The items of a list document. */
export function itemsOf(page: Json): readonly Json[] {
  return listAt(page, 'items');
}
