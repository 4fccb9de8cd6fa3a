import * as z from 'zod';
import type { StructuredAnswer } from './answer.ts';

const TerminalTable = z.object({
  name: z.string().optional(),
  common: z.record(z.string(), z.unknown()).optional(),
  columns: z.array(z.string()).default([]),
  rows: z.array(z.array(z.unknown())).default([]),
  properties: z.record(z.string(), z.unknown()).optional(),
  total: z.number().optional(),
  shown: z.number().optional(),
});

/** An answer for a person at a terminal: the same words as the text, columns aligned. */
export function alignTables(answer: StructuredAnswer): string {
  const coverage = z
    .object({
      asked: z.number(),
      answered: z.number(),
      missing: z.array(z.object({ node: z.string(), reason: z.string() })).default([]),
    })
    .safeParse(answer.coverage).data;
  const head = [
    answer.title,
    `as of ${answer.asOf}`,
    `from ${answer.source}`,
    ...(answer.window === undefined ? [] : [answer.window]),
  ];
  const lines = [head.join(' · '), answer.summary];
  for (const table of z.array(TerminalTable).parse(answer.tables)) {
    lines.push('', ...(table.name === undefined ? [] : [`${table.name}:`]));
    const common = Object.entries(table.common ?? {}).map(([key, value]) => `${key}=${show(value)}`);
    if (common.length > 0) lines.push(`all: ${common.join(' ')}`);
    if (table.properties !== undefined)
      lines.push(...alignRows(Object.entries(table.properties).map(([name, value]) => [name, show(value)])));
    if (table.rows.length > 0) lines.push(...alignRows([table.columns, ...table.rows.map((row) => row.map(show))]));
    if (table.total !== undefined) lines.push(`shown ${table.shown} of ${table.total}`);
  }
  if (coverage !== undefined && coverage.answered < coverage.asked)
    lines.push('', `asked ${coverage.asked} nodes, answered ${coverage.answered}`);
  for (const gap of coverage?.missing ?? []) lines.push(`no answer: ${gap.node} ${gap.reason}`);
  if (answer.notes !== undefined || answer.next !== undefined) lines.push('');
  lines.push(
    ...(answer.notes ?? []).map((note) => `note: ${note}`),
    ...(answer.next ?? []).map((call) => `next: ${call}`),
  );
  return lines.join('\n');
}

function alignRows(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    `  ${row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ')}`.trimEnd(),
  );
}

function show(value: unknown): string {
  return value === null || value === '' ? '-' : String(value);
}
