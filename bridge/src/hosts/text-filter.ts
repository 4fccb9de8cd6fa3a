import type { Cell, Table } from '../answer.ts';

/** Whether a text has `pattern` in it, letter case aside; `*` stands for anything. */
export function createTextFilter(pattern: string): (text: string) => boolean {
  const parts = pattern
    .toLowerCase()
    .split('*')
    .filter((part) => part !== '');
  return (text) => {
    const lower = text.toLowerCase();
    let from = 0;
    for (const part of parts) {
      const at = lower.indexOf(part, from);
      if (at < 0) return false;
      from = at + part.length;
    }
    return true;
  };
}

/** The tables with only those rows, and common values, of which a cell or the name matches; tables without any are dropped. */
export function filterTables(tables: readonly Table[], matches: (text: string) => boolean): Table[] {
  const cellMatches = (cell: Cell) => cell !== null && matches(String(cell));
  return tables.flatMap((table) => {
    const { total: _, common = {}, ...rest } = table;
    const rows = table.rows.filter((row) => row.some(cellMatches));
    const kept = Object.entries(common).filter(([name, value]) => matches(name) || cellMatches(value));
    if (rows.length === 0 && kept.length === 0) return [];
    return [{ ...rest, rows, ...(kept.length === 0 ? {} : { common: Object.fromEntries(kept) }) }];
  });
}
