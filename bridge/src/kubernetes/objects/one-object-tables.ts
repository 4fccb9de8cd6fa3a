import type { Table } from '../../answer.ts';
import { documentTable } from '../../document-table.ts';
import { isList, isObject, parseJson } from '../json.ts';
import { inOneCell, type PickedRow } from './picked-row.ts';
import { yamlText } from './yaml-text.ts';

/** The values picked of a single object: small ones side by side, each large one as a document of its own. */
export function oneObjectTables(columns: readonly string[], picked: PickedRow): Table[] {
  if (picked.tuples.length > 1 && columns.length > 1)
    return [{ columns, rows: picked.tuples, order: 'as in the object' }];
  const values = columns.map((column, index) => [column, inOneCell(picked, index)] as const);
  const documents = values.flatMap(([column, value]) => {
    const text = typeof value === 'string' ? asDocument(value) : null;
    return text === null ? [] : [{ column, table: documentTable(text, column) }];
  });
  const small = values.filter(([column]) => !documents.some((document) => document.column === column));
  const properties: Table = { columns: ['field', 'value'], rows: small, properties: true };
  return [...(small.length === 0 ? [] : [properties]), ...documents.map(({ table }) => table)];
}

/** A value of several lines as it is, a long one in JSON as YAML; null for all that fits in a cell. */
function asDocument(value: string): string | null {
  if (/\n./.test(value)) return value;
  if (value.length <= LONGEST_CELL || !/^[[{]/.test(value)) return null;
  const parsed = parseJson(value);
  return isObject(parsed) || isList(parsed) ? yamlText(parsed) : null;
}

const LONGEST_CELL = 200;
