import type { Cell } from '../../answer.ts';
import { briefText, countOf } from '../../brief-text.ts';
import { ToolError } from '../../errors.ts';
import type { Kubernetes, ListQuery, ResourceType, TableColumn, TableRow } from '../../upstreams/kubernetes.ts';
import { deletionHealth } from '../health/conditions.ts';
import { viewOf } from '../health/health.ts';
import { type Health, timeOf } from '../health/judge.ts';
import { judgePrintedPod, readRestarts } from '../health/pod-states.ts';
import { judgePod } from '../health/pods.ts';
import { inParallel } from '../in-parallel.ts';
import { textAt } from '../json.ts';
import { namePattern, ownerOf } from '../owners.ts';
import type { ListedRow, Listing } from './listed-row.ts';
import { lostNodes, lostNote } from './lost-nodes.ts';
import { readObjects } from './object-list.ts';
import { secondsOf } from './printed-duration.ts';

/** What a list of pods is read with. */
interface PodReader {
  kubernetes: Kubernetes;
  /** The type `pods`. */
  type: ResourceType;
  query: ListQuery;
  signal: AbortSignal;
  now: Date;
}

/** A list of up to so many pods is read with its metadata, which names the owners. */
const FIRST = 500;
/** More requests than this would be more than pages of metadata are. */
const MOST_NAMESPACES = 500;
const AT_ONCE = 8;
/** Pods whose objects are read to say why they are in trouble. */
const MOST_EXPLAINED = 40;

/** Older restarts are no news, seconds. */
const LATELY = 86_400;

const COLUMNS = ['Ready', 'Status', 'Restarts', 'Age', 'Node'];

/** All pods of a query, judged by their printed rows, with what these do not tell: that the node of a pod is not ready. */
export async function readPods(reader: PodReader): Promise<Listing> {
  const [listing, lost] = await Promise.all([readRows(reader), lostNodes(reader.kubernetes, reader.signal)]);
  const place = listing.columns.indexOf('Node');
  const running = listing.rows.filter(({ health }) => health.state === 'Running');
  const notes = lostNote(
    running.map(({ cells }) => String(cells[place] ?? '')),
    lost,
  );
  return { ...listing, notes: [...listing.notes, ...notes] };
}

/**
 * The rows. A short list comes with metadata; a long one as bare rows, which have no
 * namespace, so every namespace is asked for its own. Where namespaces may not be listed, metadata is read to the end.
 */
async function readRows(reader: PodReader): Promise<Listing> {
  const { kubernetes, type, query, signal } = reader;
  const whole = (first: number | undefined) =>
    kubernetes.table(
      type,
      { ...query, include: 'Metadata', first },
      (row, columns) => rowOf(row, columns, null, reader),
      signal,
    );
  const start = await whole(FIRST);
  // A server that cannot print pods sends them as they are.
  if (!start.columns.some(({ name }) => name === 'Status')) return readObjects({ ...reader, view: viewOf(type) });
  if (start.remaining === 0) return listingOf(start.items);
  const namespaces = query.namespace === undefined ? await namespacesOf(reader) : [query.namespace];
  if (namespaces === null) return listingOf((await whole(undefined)).items);
  const lists = await inParallel(namespaces, AT_ONCE, (namespace) =>
    kubernetes.table(
      type,
      { ...query, namespace, include: 'None', cached: true },
      (row, columns) => rowOf(row, columns, namespace, reader),
      signal,
    ),
  );
  return settleDeletions(
    lists.flatMap(({ items }) => items),
    reader,
  );
}

function listingOf(rows: readonly ListedRow[], notes: readonly string[] = []): Listing {
  return { columns: COLUMNS, rows, judged: true, named: true, notes };
}

/** Why pods are in trouble, and of which that could not be seen. */
interface Explained {
  reasons: ReadonlyMap<ListedRow, string>;
  notes: readonly string[];
}

/** Why pods are in trouble, from their objects; what cannot be read now is said so. */
export async function explainPods(
  rows: readonly ListedRow[],
  { kubernetes, type, signal, now }: Omit<PodReader, 'query'>,
): Promise<Explained> {
  const asked = rows.slice(0, MOST_EXPLAINED);
  const pods = await inParallel(asked, AT_ONCE, (row) => podOrGone(row, { kubernetes, type, signal }));
  const failures = pods.filter((pod) => pod instanceof ToolError);
  const [failure] = failures;
  const whyOf = (pod: (typeof pods)[number] | undefined): string =>
    pod === 'gone'
      ? 'gone since it was listed'
      : pod === undefined || pod instanceof ToolError
        ? ''
        : judgePod(pod, now).why;
  return {
    reasons: new Map(asked.map((row, index) => [row, whyOf(pods[index]) || row.health.why])),
    notes: [
      ...(failure === undefined
        ? []
        : [`why is not known of ${countOf(failures.length, 'pod')}: ${briefText(failure.message, 200)}`]),
      ...(rows.length > MOST_EXPLAINED
        ? [`why is known of the first ${MOST_EXPLAINED} only; k8s.get with name tells it of one.`]
        : []),
    ],
  };
}

async function podOrGone(
  { namespace, name }: ListedRow,
  { kubernetes, type, signal }: Pick<PodReader, 'kubernetes' | 'type' | 'signal'>,
) {
  try {
    return await kubernetes.get(type, { namespace: namespace ?? undefined, name }, signal);
  } catch (error) {
    if (!(error instanceof ToolError) || signal.aborted) throw error;
    // The list stands without its reasons.
    return error.code === 'not_found' ? 'gone' : error;
  }
}

/** The names of all namespaces; null where they may not be listed, or are too many to ask one by one. */
async function namespacesOf({ kubernetes, signal }: PodReader): Promise<readonly string[] | null> {
  try {
    const type = await kubernetes.resolve('v1/Namespace', signal);
    const { items } = await kubernetes.listMetadata(type, {}, (object) => textAt(object, 'metadata', 'name'), signal);
    return items.length > MOST_NAMESPACES ? null : items;
  } catch (error) {
    if (error instanceof ToolError && error.code === 'denied') return null;
    throw error;
  }
}

function rowOf(
  { cells, object }: TableRow,
  columns: readonly TableColumn[],
  namespace: string | null,
  { now }: PodReader,
): ListedRow {
  const cell = (name: string) => {
    const found = cells[columns.findIndex((column) => column.name === name)];
    return found === null || found === undefined ? '' : String(found);
  };
  const name = cell('Name');
  const printed = {
    ready: cell('Ready'),
    status: cell('Status'),
    restarts: cell('Restarts'),
    age: cell('Age'),
    gates: cell('Readiness Gates'),
  };
  const health = judgePrintedPod(printed);
  const { count, lastSeconds } = readRestarts(printed.restarts);
  const owner = object === null ? null : ownerOf(object);
  const deletion = object === null ? null : deletionHealth(object, now);
  const shown: Cell[] = [printed.ready, printed.status, count, printed.age, cell('Node')];
  const last =
    lastSeconds === null || lastSeconds > LATELY ? '' : `restarted ${/\((\S+) ago/.exec(printed.restarts)?.[1]} ago`;
  // Most of many thousand rows are well: they share one judgement.
  const isQuiet = health.severity === 0 && last === '';
  return {
    namespace: textAt(object ?? {}, 'metadata', 'namespace') ?? namespace,
    name,
    cells: shown,
    owner: owner === null ? (isQuiet ? name : namePattern(name)) : `${owner.kind}/${owner.name}`,
    health:
      deletion ??
      (isQuiet
        ? health
        : { ...health, why: last, since: health.severity === 0 ? null : createdAt({ object }, printed.age, now) }),
  };
}

function createdAt({ object }: Pick<TableRow, 'object'>, age: string, now: Date): number | null {
  const created = object === null ? null : timeOf(textAt(object, 'metadata', 'creationTimestamp'));
  const seconds = secondsOf(age);
  return created ?? (seconds === null ? null : now.getTime() - seconds * 1000);
}

/** Whether the deletion of a pod hangs is not printed: those in deletion are looked at one by one. */
async function settleDeletions(rows: readonly ListedRow[], reader: PodReader): Promise<Listing> {
  const leaving = rows.filter(({ health }) => health.state === 'Terminating');
  const asked = leaving.slice(0, MOST_EXPLAINED);
  const pods = await inParallel(asked, AT_ONCE, (row) => podOrGone(row, reader));
  const settled = new Map<ListedRow, Health>();
  asked.forEach((row, index) => {
    const pod = pods[index];
    if (pod !== undefined && pod !== 'gone' && !(pod instanceof ToolError)) settled.set(row, judgePod(pod, reader.now));
  });
  const unknown = leaving.length - settled.size;
  return listingOf(
    settled.size === 0
      ? rows
      : rows.map((row) => {
          const health = settled.get(row);
          return health === undefined ? row : { ...row, health };
        }),
    unknown === 0 ? [] : [`Of ${countOf(unknown, 'Terminating pod')} it is not known how long they should be gone.`],
  );
}
