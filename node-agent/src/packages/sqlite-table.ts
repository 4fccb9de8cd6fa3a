import { notSqlite, type SqlitePages } from './sqlite-pages.ts';

/** One row of a table: its number, and its record as far as one wants to read it. */
export interface SqliteRow {
  rowId: number;
  /** Bytes of the whole record. */
  size: number;
  /** The first `length` bytes of the record, or all when it has fewer. */
  read(length: number): Promise<Buffer>;
}

/** Where a column's value lies in a record: text, bytes, or a whole number already read. */
export type SqliteColumn =
  | { kind: 'text' | 'blob'; start: number; length: number }
  | { kind: 'number'; value: number }
  | null;

const LEAF = 0x0d;
const INTERIOR = 0x05;
/** A tree of more levels would hold more rows than the number of a page can count. */
const MAX_DEPTH = 20;

/** The first page of a table, by the database's own list of tables; null when there is no such table. */
export async function findTable(pages: SqlitePages, name: string): Promise<number | null> {
  for await (const row of readRows(pages, 1)) {
    const record = await row.read(Math.min(row.size, 8192));
    const [type = null, , table = null, root = null] = columnsOf(record);
    if (textOf(record, type) === 'table' && textOf(record, table) === name && root?.kind === 'number')
      return root.value;
  }
  return null;
}

/**
 * The rows of a table in the order of their numbers. Never visits a page twice, so that a damaged tree comes to an end.
 * @param root the table's first page
 * @throws {FactError} `parse_error` when the tree is damaged
 */
export async function* readRows(pages: SqlitePages, root: number): AsyncGenerator<SqliteRow> {
  const seen = new Set<number>();
  const stack: { number: number; depth: number }[] = [{ number: root, depth: 0 }];
  while (true) {
    const next = stack.pop();
    if (next === undefined) return;
    const { number, depth } = next;
    if (seen.has(number) || depth > MAX_DEPTH) throw notSqlite(`the tree of page ${root} runs in a circle`);
    seen.add(number);
    const page = await pages.page(number);
    const at = number === 1 ? 100 : 0;
    const kind = page[at];
    const cells = page.readUInt16BE(at + 3);
    const first = at + (kind === INTERIOR ? 12 : 8);
    if ((kind !== LEAF && kind !== INTERIOR) || first + cells * 2 > page.length)
      throw notSqlite(`page ${number} is of no table`);
    const offsets = Array.from({ length: cells }, (_, cell) => page.readUInt16BE(first + cell * 2));
    if (offsets.some((offset) => offset + 4 > page.length)) throw notSqlite(`page ${number} has a cell outside of it`);
    if (kind === LEAF) {
      for (const offset of offsets) yield rowAt(pages, page, offset);
      continue;
    }
    stack.push({ number: page.readUInt32BE(at + 8), depth: depth + 1 });
    for (const offset of offsets.reverse()) stack.push({ number: page.readUInt32BE(offset), depth: depth + 1 });
  }
}

function rowAt(pages: SqlitePages, page: Buffer, offset: number): SqliteRow {
  const size = readVarint(page, offset);
  const rowId = readVarint(page, size.end);
  const { usableSize } = pages;
  // "Cell payload overflow" of the file format.
  const most = usableSize - 35;
  const least = Math.floor(((usableSize - 12) * 32) / 255) - 23;
  const spilled = least + ((size.value - least) % (usableSize - 4));
  const local = size.value <= most ? size.value : spilled <= most ? spilled : least;
  const start = rowId.end;
  return {
    rowId: rowId.value,
    size: size.value,
    read: async (length) => {
      const wanted = Math.min(length, size.value);
      const here = page.subarray(start, start + local);
      if (wanted <= local) return here.subarray(0, wanted);
      const parts = [here];
      let have = here.length;
      let next = start + local + 4 <= page.length ? page.readUInt32BE(start + local) : 0;
      while (have < wanted) {
        if (next === 0) throw notSqlite(`row ${rowId.value} ends too early`);
        const more = await pages.page(next);
        next = more.readUInt32BE(0);
        parts.push(more.subarray(4, usableSize));
        have += usableSize - 4;
      }
      return Buffer.concat(parts).subarray(0, wanted);
    },
  };
}

/** The columns of a record of which at least the head is there. */
export function columnsOf(record: Buffer): SqliteColumn[] {
  const head = readVarint(record, 0);
  if (head.value > record.length) throw notSqlite('a record without its head');
  const columns: SqliteColumn[] = [];
  let at = head.end;
  let start = head.value;
  while (at < head.value) {
    const { value: type, end } = readVarint(record, at);
    at = end;
    const length = type >= 12 ? Math.floor((type - 12) / 2) : (NUMBER_BYTES[type] ?? 0);
    columns.push(columnAt(record, type, start, length));
    start += length;
  }
  return columns;
}

const NUMBER_BYTES = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0] as const;

function columnAt(record: Buffer, type: number, start: number, length: number): SqliteColumn {
  if (type >= 12) return { kind: type % 2 === 0 ? 'blob' : 'text', start, length };
  if (type === 8 || type === 9) return { kind: 'number', value: type - 8 };
  if (type < 1 || type > 5 || start + length > record.length) return null;
  return { kind: 'number', value: record.readIntBE(start, length) };
}

/** The text in a column; null for anything else. */
export function textOf(record: Buffer, column: SqliteColumn): string | null {
  return column?.kind === 'text' ? record.toString('utf8', column.start, column.start + column.length) : null;
}

/** A whole number of one to nine bytes, seven bits in each but the ninth. */
function readVarint(bytes: Buffer, start: number): { value: number; end: number } {
  let value = 0;
  for (let at = start; at < start + 9; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) throw notSqlite('a number is cut off');
    if (at === start + 8) return { value: value * 256 + byte, end: at + 1 };
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end: at + 1 };
  }
  throw notSqlite('a number is too long');
}
