import { ToolError } from '../../errors.ts';
import type { Kubernetes, ListQuery, ResourceType, TableColumn, TableRow } from '../../upstreams/kubernetes.ts';
import type { KindView } from '../health/health.ts';
import { at, textAt } from '../json.ts';
import { namePattern, ownerOf } from '../owners.ts';
import type { ListedRow, Listing } from './listed-row.ts';

/** What a list is read with. */
interface ObjectReader {
  kubernetes: Kubernetes;
  type: ResourceType;
  view: KindView;
  query: ListQuery;
  signal: AbortSignal;
  now: Date;
}

/** All objects of a query as the server prints them, each judged as it passes: only its row is kept. */
export async function readObjects(reader: ObjectReader): Promise<Listing> {
  try {
    return await readTable(reader, reader.view.include);
  } catch (error) {
    const tooBig = error instanceof ToolError && error.code === 'too_large' && reader.view.include === 'Object';
    if (!tooBig) throw error;
    const listing = await readTable(reader, 'Metadata');
    return {
      ...listing,
      notes: ['The objects are too large to read them all: health is not known, only what is listed.'],
    };
  }
}

async function readTable({ kubernetes, type, view, query, signal, now }: ObjectReader, include: KindView['include']) {
  const { items, columns } = await kubernetes.table(
    type,
    { ...query, include },
    (row, all) => rowOf(row, all, view, now),
    signal,
  );
  return {
    columns: shownColumns(columns).map(({ column }) => column.name),
    rows: items,
    judged: view.judged && include === view.include,
    named: nameIndex(columns) >= 0,
    notes: [],
  };
}

function rowOf(row: TableRow, columns: readonly TableColumn[], view: KindView, now: Date): ListedRow {
  const { cells, object } = row;
  const metadata = object ?? {};
  const name = textAt(metadata, 'metadata', 'name') ?? String(cells[nameIndex(columns)] ?? '');
  return {
    namespace: textAt(metadata, 'metadata', 'namespace') ?? null,
    name,
    cells: shownColumns(columns).map(({ index }) => cells[index] ?? null),
    health: view.judge(metadata, now),
    owner: ownerText(row, name),
  };
}

/** An Event belongs to what it is about. */
function ownerText({ object }: TableRow, name: string): string {
  const about = at(object ?? {}, 'involvedObject') ?? at(object ?? {}, 'regarding');
  const aboutName = textAt(about, 'name');
  if (aboutName !== undefined) return `${textAt(about, 'kind') ?? ''}/${namePattern(aboutName)}`;
  const owner = object === null ? null : ownerOf(object);
  return owner === null ? namePattern(name) : `${owner.kind}/${owner.name}`;
}

function nameIndex(columns: readonly TableColumn[]): number {
  return columns.findIndex(({ name, priority }) => priority === 0 && name === 'Name');
}

/** What the server shows by default, without the name, which every row has anyway. */
function shownColumns(columns: readonly TableColumn[]): { column: TableColumn; index: number }[] {
  return columns
    .map((column, index) => ({ column, index }))
    .filter(({ column }) => column.priority === 0 && column.name !== 'Name');
}
