import type { Cell, Table } from '../../answer.ts';
import { briefText } from '../../brief-text.ts';
import type { ListedRow, Listing } from './listed-row.ts';
import { shortSpan } from './printed-duration.ts';

/** How long a printed cell may be; whole objects are a call away. */
const LONGEST_CELL = 160;

/** A named column and what stands in it. */
interface Column {
  name: string;
  cell(row: ListedRow): Cell;
}

/**
 * The rows as a table: namespace and name, the server's columns without those that are empty, and the reason for what is
 * unwell at the end. What is the same in every row of the whole list, shown or not, is said once.
 */
export function rowTable(
  rows: readonly ListedRow[],
  listing: Listing,
  why: (row: ListedRow) => string,
): Pick<Table, 'columns' | 'common' | 'rows'> {
  const columns: Column[] = [
    { name: 'namespace', cell: ({ namespace }) => namespace },
    ...(listing.named ? [{ name: 'name', cell: ({ name }: ListedRow) => name }] : []),
    ...listing.columns.map((name, index) => ({
      name: name.toLowerCase().replaceAll(/\s+/g, '-'),
      cell: (row: ListedRow) => printed(row.cells[index] ?? null),
    })),
    { name: 'why', cell: (row) => why(row) || null },
  ];
  const common: Record<string, Cell> = {};
  const shown = columns.filter(({ name, cell }) => {
    const [first] = rows;
    if (first === undefined) return false;
    const value = cell(first);
    if (name === 'name' || rows.some((row) => cell(row) !== value)) return true;
    if (value === null) return false;
    if (rows.length === 1 || name === 'why') return true;
    common[name] = value;
    return false;
  });
  return {
    ...(Object.keys(common).length === 0 ? {} : { common }),
    columns: shown.map(({ name }) => name),
    rows: rows.map((row) => withoutEnd(shown.map(({ cell }) => cell(row)))),
  };
}

/** A row without the empty cells at its end, which need no word in either form of an answer. */
export function withoutEnd(row: readonly Cell[]): readonly Cell[] {
  return row.slice(0, row.findLastIndex((cell) => cell !== null) + 1);
}

/** A cell as the server printed it, `<none>` and `<unset>` as nothing, spans by their largest unit. */
function printed(cell: Cell): Cell {
  if (typeof cell !== 'string') return cell;
  if (cell === '' || cell === '<none>' || cell === '<unset>') return null;
  const short = shortSpan(cell);
  return short.length <= LONGEST_CELL ? short : briefText(short, LONGEST_CELL);
}
