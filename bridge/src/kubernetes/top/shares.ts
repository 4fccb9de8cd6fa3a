import type { Cell } from '../../answer.ts';
import { showBytes } from '../../format-bytes.ts';
import { showCores } from '../quantity.ts';

/** What rows are sorted by, highest first; what has no such number comes last. */
export type Sort = 'cpu' | 'memory' | 'cpuPercent' | 'memoryPercent';

/** From this share of a memory limit on a container is about to be killed. */
export const NEAR_LIMIT = 0.9;

/** A container that is stopped in more of its CPU periods than this is slowed down by its limit. */
export const MUCH_THROTTLED = 0.25;

/** A part of a whole; null where either is not known, or the whole is nothing. */
export function shareOf(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole <= 0 ? null : part / whole;
}

/** A share as whole percents, for columns whose name ends with `%`. */
export function percentCell(share: number | null): Cell {
  return share === null ? null : Math.round(share * 100);
}

export function coresCell(cores: number | null): Cell {
  return cores === null ? null : showCores(cores);
}

export function bytesCell(bytes: number | null): Cell {
  return bytes === null ? null : showBytes(bytes);
}

/** The rows, highest first, those without a number last, and what is equal by name: the same state gives the same order. */
export function highestFirst<T>(rows: readonly T[], by: (row: T) => number | null, name: (row: T) => string): T[] {
  return rows
    .map((row) => ({ row, number: by(row) ?? Number.NEGATIVE_INFINITY, name: name(row) }))
    .sort((a, b) => (a.number === b.number ? (a.name < b.name ? -1 : 1) : a.number < b.number ? 1 : -1))
    .map(({ row }) => row);
}

/** Cells by the name of their column; columns in which no row has anything are left out. */
export function denseColumns(
  names: readonly string[],
  rows: readonly (readonly Cell[])[],
): { columns: string[]; rows: (readonly Cell[])[] } {
  const kept = names.flatMap((_, index) => (rows.some((row) => (row[index] ?? null) !== null) ? [index] : []));
  if (kept.length === names.length) return { columns: [...names], rows: [...rows] };
  return {
    columns: kept.map((index) => names[index] ?? ''),
    rows: rows.map((row) => kept.map((index) => row[index] ?? null)),
  };
}
