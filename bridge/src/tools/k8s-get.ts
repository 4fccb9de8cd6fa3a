import * as z from 'zod';
import type { Answer, NextCall } from '../answer.ts';
import { invalidArgument, ToolError } from '../errors.ts';
import { viewWithin } from '../kubernetes/health/health.ts';
import { textAt } from '../kubernetes/json.ts';
import { withoutEnd } from '../kubernetes/lists/list-columns.ts';
import { documentList } from '../kubernetes/lists/list-documents.ts';
import { nextCalls } from '../kubernetes/lists/list-next.ts';
import { arrangeList, listTables, rowsToExplain, summarize } from '../kubernetes/lists/list-view.ts';
import { isTrouble, type ListedRow, type Listing } from '../kubernetes/lists/listed-row.ts';
import { readObjects } from '../kubernetes/lists/object-list.ts';
import { explainPods, readPods } from '../kubernetes/lists/pod-list.ts';
import {
  checkNamespace,
  findPlaces,
  nameSelector,
  notFound,
  type Place,
  readName,
} from '../kubernetes/named-object.ts';
import { parseFields, projectionTable } from '../kubernetes/objects/field-projection.ts';
import { objectDocument } from '../kubernetes/objects/object-document.ts';
import { configured, defineTool, type ToolContext } from '../tool.ts';
import type { Kubernetes, ListQuery, ResourceType } from '../upstreams/kubernetes.ts';

const ROWS = 50;
/** Rows of values are short. */
const VALUE_ROWS = 100;

const input = z.strictObject({
  kind: z.string().describe('Like pods, deploy, certificates.cert-manager.io'),
  namespace: z.string().optional().describe('Default all'),
  name: z.string().optional().describe('Of one object'),
  labelSelector: z.string().optional().describe('Like app=web'),
  fieldSelector: z.string().optional().describe('Like spec.nodeName=n1'),
  fields: z.string().optional().describe('Paths, like spec.containers[*].image'),
  output: z.enum(['table', 'yaml', 'json']).optional().describe('Form'),
  limit: z.int().min(1).max(1000).optional().describe('Rows'),
});
type Arguments = z.infer<typeof input>;

/** The question once the kind is known. */
interface Question {
  kubernetes: Kubernetes;
  type: ResourceType;
  query: ListQuery;
  signal: AbortSignal;
  now: Date;
}

/** `k8s.get`: objects of any kind, as a list worst first, one as a document, or chosen fields of all. */
export const k8sGet = defineTool({
  name: 'k8s.get',
  title: 'Kubernetes objects',
  description:
    'Kubernetes objects of any kind. A list has totals by state, unhealthy first and why. With name: one object as YAML. ' +
    'With fields: values, counted over all objects. Secret values are never shown.',
  input,
  paged: true,
  run: async (given, { upstreams, signal, now }: ToolContext) => {
    const args = withoutEmpty(given);
    const kubernetes = configured(upstreams.kubernetes, 'Kubernetes API', 'TELEMCP_KUBERNETES');
    const type = await kubernetes.resolve(args.kind, signal);
    const { labelSelector, fieldSelector } = args;
    const namespace = type.namespaced ? args.namespace : undefined;
    const question: Question = {
      kubernetes,
      type,
      query: { namespace, labelSelector, fieldSelector },
      signal,
      now,
    };
    const answer =
      args.name === undefined ? await showList(args, question) : await showNamed(args.name, args, question);
    if (type.namespaced || args.namespace === undefined) return answer;
    return { ...answer, notes: [...(answer.notes ?? []), `${type.plural} have no namespace: namespace was ignored.`] };
  },
});

/** Models fill in what they leave out with empty strings. */
function withoutEmpty({ kind, limit, output, ...texts }: Arguments): Arguments {
  const said = Object.entries(texts).filter(([, text]) => text !== '');
  return { kind, limit, output, ...Object.fromEntries(said) };
}

async function showNamed(name: string, args: Arguments, question: Question): Promise<Answer> {
  const { kubernetes, type, query, signal } = question;
  if (args.labelSelector !== undefined || args.fieldSelector !== undefined) {
    const problem = 'does not go with selectors';
    throw invalidArgument('name', problem, 'Leave out name, or labelSelector and fieldSelector.');
  }
  const written = readName(name, query.namespace, type);
  if (args.output === 'table') {
    const place = { ...query, namespace: written.namespace, fieldSelector: nameSelector(written.name) };
    const answer = await showList(args, { ...question, query: place });
    if (answer.tables.length === 0) throw await notFound(written, type, kubernetes, signal);
    return answer;
  }
  const places = await findPlaces(written, type, kubernetes, signal);
  const [place, ...others] = places;
  if (place === undefined || others.length > 0) {
    const all = { ...question, query: { fieldSelector: nameSelector(written.name) } };
    const answer = await showList({ ...args, output: 'table', fields: undefined }, all);
    const note = `${places.length} namespaces have ${type.singular} ${written.name}: give namespace to see one.`;
    return { ...answer, notes: [...(answer.notes ?? []), note] };
  }
  return showObject(place, args, question);
}

async function showObject(place: Place, args: Arguments, question: Question): Promise<Answer> {
  const { kubernetes, type, now, signal } = question;
  const object = await getOrSay(place, question);
  const { judge } = await viewWithin(type, kubernetes, signal);
  const health = judge(object, now);
  const where = place.namespace === undefined ? '' : ` in ${place.namespace}`;
  const state = [health.state, health.why].filter((text) => text !== '').join(': ');
  const frame = { title: `${type.kind} ${place.name}${where}`, source: kubernetes.name, asOf: now };
  if (args.fields !== undefined) {
    const projection = parseFields(args.fields);
    const row = { namespace: place.namespace ?? null, name: place.name, picked: projection.pick(object) };
    const { tables, summary } = projectionTable(projection, [row], { noun: type.plural, limit: args.limit });
    return { ...frame, summary, tables };
  }
  const document = objectDocument(object, { output: args.output === 'json' ? 'json' : 'yaml' });
  return {
    ...frame,
    summary: state === '' ? 'found' : state,
    tables: [document],
    next: nextCalls(type, { namespace: place.namespace ?? null, name: place.name, health }, 'object'),
  };
}

async function getOrSay(place: Place, { kubernetes, type, signal }: Question) {
  try {
    return await kubernetes.get(type, place, signal);
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== 'not_found') throw error;
    throw await notFound(place, type, kubernetes, signal);
  }
}

async function showList(args: Arguments, question: Question): Promise<Answer> {
  const { kubernetes, type, query, now } = question;
  if (!type.verbs.includes('list')) {
    throw invalidArgument('kind', `${type.kind} cannot be listed`, 'It is not kept by the API server, only answered.');
  }
  const frame = { title: titleOf(type, query), source: kubernetes.name, asOf: now };
  const answer =
    args.fields !== undefined
      ? await listFields(args.fields, args.limit ?? VALUE_ROWS, question)
      : args.output === 'yaml' || args.output === 'json'
        ? await documentList({ ...question, output: args.output, limit: args.limit ?? ROWS })
        : await listRows(args.limit ?? ROWS, question);
  return { ...frame, ...(answer.tables.length === 0 ? await nothing(question) : answer) };
}

type ListAnswer = Pick<Answer, 'summary' | 'tables' | 'notes' | 'next'>;

async function listRows(limit: number, question: Question): Promise<ListAnswer> {
  const { type, kubernetes, signal } = question;
  const view = await viewWithin(type, kubernetes, signal);
  const isPods = type.kind === 'Pod' && type.group === '';
  const listing: Listing = isPods ? await readPods(question) : await readObjects({ ...question, view });
  const arrangement = arrangeList(listing, limit);
  const explained = rowsToExplain(arrangement);
  const { reasons, notes } = isPods ? await explainPods(explained, question) : NO_REASONS;
  const worst = arrangement.groups?.[0]?.example ?? arrangement.rows[0];
  return {
    summary: summarize(listing, view.tallied),
    tables: listTables(arrangement, (row) => reasons.get(row) ?? row.health.why),
    notes: [...listing.notes, ...notes],
    next: worst === undefined || !isTrouble(worst) ? [] : deeper(worst, question),
  };
}

const NO_REASONS = { reasons: new Map<ListedRow, string>(), notes: [] };

/** Events are folded by the tool made for them. */
function deeper(worst: ListedRow, { type, query: { namespace } }: Question): NextCall[] {
  if (type.kind !== 'Event') return nextCalls(type, worst, 'list');
  return [{ tool: 'k8s.events', arguments: { type: 'Warning', ...(namespace === undefined ? {} : { namespace }) } }];
}

async function listFields(fields: string, limit: number, question: Question): Promise<ListAnswer> {
  const { kubernetes, type, query, signal } = question;
  const projection = parseFields(fields);
  const onlyMetadata = projection.columns.every((path) => /^metadata\b/.test(path));
  const { items } = await kubernetes[onlyMetadata ? 'listMetadata' : 'list'](
    type,
    query,
    (object) => ({
      namespace: textAt(object, 'metadata', 'namespace') ?? null,
      name: textAt(object, 'metadata', 'name') ?? '',
      picked: projection.pick(object),
    }),
    signal,
  );
  if (items.length === 0) return { summary: '', tables: [] };
  const { tables, summary } = projectionTable(projection, items, { noun: type.plural, limit });
  const short = tables.map((table) =>
    table.properties === true || table.verbatim === true ? table : { ...table, rows: table.rows.map(withoutEnd) },
  );
  return { summary, tables: short };
}

/** Nothing matches; a namespace that does not exist is not an empty one. */
async function nothing({ kubernetes, type, query, signal }: Question): Promise<ListAnswer> {
  if (query.namespace !== undefined) await checkNamespace(query.namespace, kubernetes, signal);
  const isSelected = query.labelSelector !== undefined || query.fieldSelector !== undefined;
  const next: NextCall[] = isSelected
    ? [
        {
          tool: 'k8s.get',
          arguments: { kind: type.plural, ...(query.namespace === undefined ? {} : { namespace: query.namespace }) },
        },
      ]
    : [];
  return { summary: isSelected ? 'none match' : 'there are none', tables: [], next };
}

/** `pods in payments, app=ledger`. */
function titleOf({ plural, group }: ResourceType, { namespace, labelSelector, fieldSelector }: ListQuery): string {
  const isCustom = group.includes('.') && !group.endsWith('.k8s.io');
  const kind = isCustom ? `${plural}.${group}` : plural;
  const selectors = [labelSelector, fieldSelector].filter((text) => text !== undefined);
  return [namespace === undefined ? kind : `${kind} in ${namespace}`, ...selectors].join(', ');
}
