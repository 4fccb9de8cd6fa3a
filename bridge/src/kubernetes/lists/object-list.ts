import { ToolError } from '../../errors.ts';
import type { Kubernetes, ListQuery, ResourceType, TableColumn, TableRow } from '../../upstreams/kubernetes.ts';
import { BARE, type KindView } from '../health/health.ts';
import { at, textAt } from '../json.ts';
import { hiddenTexts, withoutHidden } from '../objects/hidden-texts.ts';
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
    return await readTable(reader);
  } catch (error) {
    const tooBig = error instanceof ToolError && error.code === 'too_large' && reader.view.include === 'Object';
    if (!tooBig) throw error;
    const listing = await readTable({ ...reader, view: { ...BARE, printsAny: reader.view.printsAny } });
    return {
      ...listing,
      notes: ['The objects are too large to read them all: health is not known, only what is listed.'],
    };
  }
}

async function readTable({ kubernetes, type, view, query, signal, now }: ObjectReader) {
  const { items, columns } = await kubernetes.table(
    type,
    { ...query, include: view.include },
    (row, all) => rowOf(row, all, view, now),
    signal,
  );
  return {
    columns: shownColumns(columns, view).map(({ column }) => column.name),
    rows: items,
    judged: view.judged,
    named: nameIndex(columns) >= 0,
    notes: [],
  };
}

function rowOf(row: TableRow, columns: readonly TableColumn[], view: KindView, now: Date): ListedRow {
  const { cells, object } = row;
  const metadata = object ?? {};
  const name = textAt(metadata, 'metadata', 'name') ?? String(cells[nameIndex(columns)] ?? '');
  const hidden = view.printsAny ? hiddenTexts(metadata) : NONE;
  return {
    namespace: textAt(metadata, 'metadata', 'namespace') ?? null,
    name,
    cells: shownColumns(columns, view).map(({ index }) => withoutHidden(cells[index] ?? null, hidden)),
    health: view.judge(metadata, now),
    owner: ownerText(row, name),
  };
}

const NONE: ReadonlyMap<string, string> = new Map();

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
function shownColumns(columns: readonly TableColumn[], view: KindView): { column: TableColumn; index: number }[] {
  // Without the object nobody knows which field a text was printed from.
  const isBlind = view.printsAny && view.include !== 'Object';
  return columns
    .map((column, index) => ({ column, index }))
    .filter(({ column }) => column.priority === 0 && column.name !== 'Name')
    .filter(({ column }) => !isBlind || column.type !== 'string' || HARMLESS.test(column.name));
}

const HARMLESS = /^(?:ready|synced|status|phase|state|version|age|created at)$/i;
