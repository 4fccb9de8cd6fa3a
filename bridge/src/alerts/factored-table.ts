import type { Cell, Table } from '../answer.ts';

/** A column of things of one kind. */
export interface Column<T> {
  name: string;
  cell(item: T): Cell;
  /** Said once when it is the same for all rows. */
  isCommon?: true;
}

/** A table without the columns that hold nothing; what may be common and is, is said once. */
export function factoredTable<T>(
  items: readonly T[],
  columns: readonly Column<T>[],
): Pick<Table, 'columns' | 'rows' | 'common'> {
  const filled = columns
    .map((column) => ({ ...column, cells: items.map((item) => column.cell(item)) }))
    .filter(({ cells }) => cells.some((cell) => cell !== null));
  const [said, shown] = [true, false].map((common) =>
    filled.filter(({ isCommon, cells }) => (isCommon === true && cells.every((cell) => cell === cells[0])) === common),
  );
  return {
    ...(said === undefined || said.length === 0
      ? {}
      : { common: Object.fromEntries(said.map(({ name, cells }) => [name, cells[0] ?? null])) }),
    columns: (shown ?? []).map(({ name }) => name),
    rows: items.map((_, row) => (shown ?? []).map(({ cells }) => cells[row] ?? null)),
  };
}
