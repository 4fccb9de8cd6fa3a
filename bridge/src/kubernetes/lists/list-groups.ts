import type { Cell, Table } from '../../answer.ts';
import { isTrouble, type ListedRow } from './listed-row.ts';

/** Rows with the same trouble. */
export interface Group {
  /** The first of its rows, which stands for all. */
  example: ListedRow;
  /** All of them, worst first. */
  rows: readonly ListedRow[];
  /** How many owners the rows have. */
  owners: number;
}

/** More groups than this are taken together by namespace and state. */
const MOST_GROUPS = 30;

/** The unhealthy among ordered rows, grouped by owner and state, or by namespace and state where that would be too many. */
export function groupTrouble(ordered: readonly ListedRow[]): readonly Group[] {
  const troubled = ordered.filter(isTrouble);
  const fine = group(troubled, byOwner);
  if (fine.length <= MOST_GROUPS) return fine;
  return group(troubled, ({ namespace, health }) => `${namespace}\n${health.state}`);
}

/** One row per group: how many, where, what, and an example with the reason for its trouble. */
export function groupTable(groups: readonly Group[], why: (row: ListedRow) => string): Table {
  const total = groups.reduce((sum, { rows }) => sum + rows.length, 0);
  const isCoarse = groups.some(({ owners }) => owners > 1);
  const has = (test: (row: ListedRow) => boolean) => groups.some(({ example }) => test(example));
  const columns: (readonly [string, (group: Group) => Cell])[] = [
    ['count', ({ rows }) => rows.length],
    ...(isCoarse ? [['owners', ({ owners }: Group) => owners] as const] : []),
    ...(has(({ namespace }) => namespace !== null)
      ? [['namespace', ({ example }: Group) => example.namespace] as const]
      : []),
    // A pattern of the name would only repeat the example.
    ...(!isCoarse && has(isOwned) ? [['owner', ({ example }: Group) => example.owner] as const] : []),
    ['state', ({ example }) => example.health.state],
    ['example', ({ example }) => example.name],
    ['why', ({ example }) => why(example) || null],
  ];
  return {
    name: `all ${total} unhealthy by ${isCoarse ? 'namespace' : 'owner'} and state`,
    columns: columns.map(([name]) => name),
    rows: groups.map((each) => columns.map(([, cell]) => cell(each))),
    limit: MOST_GROUPS,
  };
}

function isOwned({ owner }: ListedRow): boolean {
  return owner.includes('/');
}

/**
 * The rows that are no example, the groups taking turns, in each another owner first: what is named of many should differ.
 * What is in no group comes last.
 */
export function besideGroups(ordered: readonly ListedRow[], groups: readonly Group[]): ListedRow[] {
  const turns = groups.flatMap(({ example, rows }) => {
    const firsts = new Set(group(rows, byOwner).map(({ example: first }) => first));
    const spread = [...rows.filter((row) => firsts.has(row)), ...rows.filter((row) => !firsts.has(row))];
    return spread.filter((row) => row !== example).map((row, turn) => ({ row, turn }));
  });
  return [...turns.sort((a, b) => a.turn - b.turn).map(({ row }) => row), ...ordered.filter((row) => !isTrouble(row))];
}

function byOwner({ namespace, owner, health }: ListedRow): string {
  return `${namespace}\n${owner}\n${health.state}`;
}

function group(rows: readonly ListedRow[], keyOf: (row: ListedRow) => string): Group[] {
  return [...Map.groupBy(rows, keyOf).values()]
    .flatMap((members): Group[] => {
      const [example] = members;
      const owners = new Set(members.map(({ owner }) => owner)).size;
      return example === undefined ? [] : [{ example, rows: members, owners }];
    })
    .sort((a, b) => b.example.health.severity - a.example.health.severity || b.rows.length - a.rows.length);
}
