import { at, isObject, type Json, listAt, numberAt, textAt } from '../kubernetes/json.ts';
import type { TableColumn, TableRow } from './kubernetes.ts';

/** Of a server that cannot print tables and sends the objects, as some aggregated ones do. */
const FALLBACK: readonly TableColumn[] = [
  { name: 'Name', type: 'string', format: 'name', priority: 0 },
  { name: 'Created At', type: 'date', format: '', priority: 0 },
];

/** The columns of a meta.k8s.io/v1 Table. */
export function columnsOf(page: Json): readonly TableColumn[] {
  if (textAt(page, 'kind') !== 'Table') return FALLBACK;
  return listAt(page, 'columnDefinitions').map((column) => ({
    name: textAt(column, 'name') ?? '',
    type: textAt(column, 'type') ?? 'string',
    format: textAt(column, 'format') ?? '',
    priority: numberAt(column, 'priority') ?? 0,
  }));
}

/** Its rows; cells that are lists or objects are shown as JSON. */
export function rowsOf(page: Json): TableRow[] {
  if (textAt(page, 'kind') !== 'Table') {
    return listAt(page, 'items').flatMap((item) =>
      isObject(item)
        ? [
            {
              cells: [textAt(item, 'metadata', 'name') ?? null, textAt(item, 'metadata', 'creationTimestamp') ?? null],
              object: item,
            },
          ]
        : [],
    );
  }
  return listAt(page, 'rows').map((row) => {
    const object = at(row, 'object');
    return { cells: listAt(row, 'cells').map(cellOf), object: isObject(object) ? object : null };
  });
}

function cellOf(cell: Json): string | number | boolean | null {
  return typeof cell === 'object' && cell !== null ? JSON.stringify(cell) : cell;
}
