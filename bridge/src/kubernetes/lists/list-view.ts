import type { Table } from '../../answer.ts';
import { countOf } from '../../brief-text.ts';
import { showCount } from '../../format.ts';
import { rowTable } from './list-columns.ts';
import { besideGroups, type Group, groupTable, groupTrouble } from './list-groups.ts';
import { byUrgency, isTrouble, type ListedRow, type Listing } from './listed-row.ts';

/** A list put in order: what is shown of it first is known, so that only that needs to be explained. */
export interface Arrangement {
  listing: Listing;
  /** Worst first; beside groups without their examples, the groups taking turns. */
  rows: readonly ListedRow[];
  /** Null where every unhealthy row can be shown. */
  groups: readonly Group[] | null;
  /** Rows shown of `rows` at first, and from then on. */
  shown: number;
  limit: number;
}

/** Rows named beside groups, which have an example each. */
const NAMED_BESIDE = 10;
/** Rows of what is only worth a word, beside what is unhealthy. */
const NOTED_BESIDE = 20;

/** States named in the summary. */
const STATES = 12;
/** Values named of a column that is counted. */
const VALUES = 4;

/**
 * Puts a list in order and decides what is shown of it: everything when it is not longer than `limit`, else what is unhealthy
 * or worth a word, and where even that is longer, groups of it and some of the worst. The rest is for a cursor. A long list
 * in which nothing is wrong is shown from its start.
 */
export function arrangeList(listing: Listing, limit: number): Arrangement {
  const ordered = [...listing.rows].sort(byUrgency);
  const troubled = ordered.filter(isTrouble).length;
  if (ordered.length > limit && troubled > limit) {
    const groups = groupTrouble(ordered);
    return { listing, rows: besideGroups(ordered, groups), groups, shown: Math.min(limit, NAMED_BESIDE), limit };
  }
  const noted = ordered.filter(({ health }) => health.severity > 0).length;
  const wanted = ordered.length <= limit || noted === 0 ? limit : Math.max(troubled, Math.min(noted, NOTED_BESIDE));
  return { listing, rows: ordered, groups: null, shown: Math.min(ordered.length, limit, wanted), limit };
}

/** The rows whose trouble is shown, worst first. */
export function rowsToExplain({ rows, groups, shown }: Arrangement): readonly ListedRow[] {
  const named = rows.slice(0, shown);
  return [...new Set([...(groups ?? []).map(({ example }) => example), ...named])].filter(
    ({ health }) => health.severity > 0,
  );
}

/** The tables of a list: groups where there are too many unhealthy rows to name each, then the rows. */
export function listTables(
  { listing, rows, groups, shown, limit }: Arrangement,
  why: (row: ListedRow) => string = ({ health }) => health.why,
): Table[] {
  if (rows.length === 0) return groups === null ? [] : [groupTable(groups, why)];
  const isQuiet = rows.every(({ health }) => health.severity === 0);
  const table: Table = {
    ...rowTable(rows, listing, why),
    limit,
    opening: shown,
    order: isQuiet ? 'by name' : 'worst first',
  };
  return groups === null ? [table] : [groupTable(groups, why), { ...table, name: 'others' }];
}

/** `2,000 in 5 namespaces, 31 unhealthy: 1,969 Running, 21 CrashLoopBackOff, 10 Pending`, of the whole list. */
export function summarize({ rows, columns, judged }: Listing, tallied: readonly string[] = []): string {
  const namespaces = new Set(rows.flatMap(({ namespace }) => namespace ?? []));
  const where = namespaces.size > 1 ? ` in ${countOf(namespaces.size, 'namespace')}` : '';
  const troubled = rows.filter(isTrouble).length;
  const health =
    !judged || rows.length === 0 ? '' : troubled === 0 ? ', none unhealthy' : `, ${showCount(troubled)} unhealthy`;
  const states = countBy(rows.map((row) => row.health.state));
  const words = states.length === 1 && states[0]?.[0] === '' ? '' : `: ${name(states, STATES, 'other states')}`;
  const tallies = tallied.flatMap((column) => {
    const index = columns.indexOf(column);
    const values = countBy(rows.map(({ cells }) => String(cells[index] ?? '<none>')));
    return index < 0 || values.length < 2 ? [] : [`; ${column.toLowerCase()}: ${name(values, VALUES, 'others')}`];
  });
  return `${showCount(rows.length)}${where}${health}${words}${tallies.join('')}`;
}

function countBy(values: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

function name(counts: readonly (readonly [string, number])[], most: number, rest: string): string {
  const named = counts
    .slice(0, most)
    .map(([value, count]) => `${showCount(count)} ${value === '' ? 'healthy' : value}`);
  const others = counts.slice(most);
  const left = others.reduce((sum, [, count]) => sum + count, 0);
  return [...named, ...(left > 0 ? [`${showCount(left)} in ${others.length} ${rest}`] : [])].join(', ');
}
