import type { Answer, Table } from '../../answer.ts';
import type { Kubernetes, ListQuery, ResourceType } from '../../upstreams/kubernetes.ts';
import { objectDocument } from '../objects/object-document.ts';

/** Whole objects are long: more of them than this no reader of one answer wants. */
const MOST_DOCUMENTS = 20;

/** The first objects of a list whole, one after the other, as lines of one document. */
export async function documentList({
  kubernetes,
  type,
  query,
  signal,
  output,
  limit,
}: {
  kubernetes: Kubernetes;
  type: ResourceType;
  query: ListQuery;
  signal: AbortSignal;
  output: 'yaml' | 'json';
  limit: number;
}): Promise<Pick<Answer, 'summary' | 'tables' | 'notes'>> {
  const most = Math.min(limit, MOST_DOCUMENTS);
  const { items, remaining } = await kubernetes.list(type, { ...query, first: most }, (object) => object, signal);
  const total = remaining === null ? `more than ${items.length}` : String(items.length + remaining);
  const documents = items.map((object) => objectDocument(object, { output }));
  const rows = documents.flatMap((document, index) => [...(index === 0 ? [] : [['---']]), ...document.rows]);
  const table: Table = { columns: ['text'], rows, verbatim: true, order: 'from the start' };
  return {
    summary: remaining === 0 ? total : `${total}, shown ${items.length}`,
    tables: items.length === 0 ? [] : [table],
    notes: remaining === 0 ? [] : ['To see others give name or labelSelector, or take fields of all.'],
  };
}
