import type { Cell, Table } from '../../answer.ts';
import { countOf } from '../../brief-text.ts';
import { showAge } from '../../format-time.ts';
import { showMessage } from './event-message.ts';
import type { EventGroup } from './fold-events.ts';

/** Names of owners in a row that has several. */
export const NAMES_SHOWN = 3;

/** A column and its cells; `common` where one value for all rows is said once instead. */
interface Column {
  name: string;
  cell(group: EventGroup): Cell;
  common: boolean;
}

/** Groups of events as rows: age of the last, how often, what, of whom, in which words. */
export function eventTable(groups: readonly EventGroup[], now: Date, limit: number): Table {
  const columns: Column[] = [
    { name: 'age', cell: ({ newest }) => ageOf(newest.last, now), common: false },
    { name: 'count', cell: ({ count }) => count, common: false },
    { name: 'type', cell: ({ newest }) => newest.type, common: true },
    { name: 'reason', cell: ({ newest }) => newest.reason, common: true },
    { name: 'namespace', cell: showNamespaces, common: true },
    { name: 'object', cell: showObjects, common: false },
    { name: 'message', cell: showMessages, common: false },
  ];
  const rows = groups.map((group) => columns.map((column) => column.cell(group)));
  const [first = []] = rows;
  const isCommon = columns.map(({ common }, index) => common && rows.every((row) => row[index] === first[index]));
  const said = columns.flatMap(({ name }, index) => (isCommon[index] ? [[name, first[index] ?? null] as const] : []));
  return {
    ...(said.length === 0 ? {} : { common: Object.fromEntries(said) }),
    columns: columns.flatMap(({ name }, index) => (isCommon[index] ? [] : [name])),
    rows: rows.map((row) => row.filter((_, index) => !isCommon[index])),
    order: 'warnings first, then newest',
    limit,
  };
}

function ageOf(time: number | null, now: Date): Cell {
  return time === null ? null : showAge((now.getTime() - time) / 1000);
}

function showNamespaces({ namespaces }: EventGroup): Cell {
  const names = mostFirst(namespaces).map((name) => name ?? '-');
  return names.length === 1 && namespaces.has(null) ? null : shortList(names);
}

/** `Pod/web` for one object, `Deployment/ledger (7 pods)` for several of one owner, `Deployment/ledger,cart,web+4 (20 pods)` for more. */
function showObjects({ newest, owners, objects }: EventGroup): Cell {
  if (objects.size === 1) return newest.kind === '' ? newest.name : `${newest.kind}/${newest.name}`;
  const names = mostFirst(owners);
  const [kind = ''] = names[0]?.split('/', 1) ?? [];
  const ofOneKind = names.every((name) => name.startsWith(`${kind}/`));
  const list = ofOneKind ? `${kind}/${shortList(names.map((name) => name.slice(kind.length + 1)))}` : shortList(names);
  return ofOneKind && objects.size === names.length && newest.kind === kind
    ? list
    : `${list} (${countOf(objects.size, newest.kind.toLowerCase())})`;
}

function showMessages({ newest, objects, templates }: EventGroup): Cell {
  const message = showMessage(newest.message, objects.size === 1 ? newest.name : null);
  const others = templates.size - 1;
  return others === 0 ? message : `${message} (and ${countOf(others, 'other message')})`;
}

function mostFirst<K extends string | null>(sums: ReadonlyMap<K, number>): K[] {
  return [...sums]
    .sort(([a, one], [b, other]) => other - one || ((a ?? '') < (b ?? '') ? -1 : 1))
    .map(([name]) => name);
}

/** Without white space, which would cost the cell its quotes. */
function shortList(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).join(',');
  return names.length > NAMES_SHOWN ? `${shown}+${names.length - NAMES_SHOWN}` : shown;
}
