import type { Answer, Cell, Coverage, NextCall, StructuredAnswer, Table } from './answer.ts';
import { cleanText } from './clean-text.ts';
import { redact } from './redact.ts';

export interface RenderOptions {
  /** Characters the text may have. */
  budget: number;
  /** First row of the first table to show, from the caller's cursor. */
  offset: number;
  /** A tool's name in the spelling this client uses. */
  toolName(canonical: string): string;
  /** The call that continues at row `offset`; null for a tool whose answers cannot be paged. */
  continueAt(offset: number): NextCall | null;
}

/** An answer in both forms, cut to the budget. */
export interface Rendered {
  text: string;
  structured: StructuredAnswer;
}

interface Part {
  table: Table;
  first: number;
  total: number;
  texts: string[];
  shown: number;
}

const MISSING_SHOWN = 20;

/**
 * Turns an answer into text and structured form. Every string is redacted and cleaned here, whole, before anything is cut.
 * What does not fit the budget goes row by row from the end of the last table, never in the middle of a row, and is said
 * with total, shown and how to go on.
 */
export function renderAnswer(answer: Answer, options: RenderOptions): Rendered {
  const next = (answer.next ?? []).map((call) => showCall(call, options));
  const notes = (answer.notes ?? []).map(safe);
  const head = [safe(answer.title), `as of ${showTime(answer.asOf)}`, `from ${safe(answer.source)}`];
  if (answer.window !== undefined) head.push(safe(answer.window));
  const asked =
    answer.coverage === undefined ? '' : `asked ${answer.coverage.asked}, answered ${answer.coverage.answered}: `;
  const header = `${head.join(' · ')} · ${asked}${safe(answer.summary)}`;
  const gaps = answer.coverage === undefined ? [] : showMissing(answer.coverage);
  const parts = answer.tables.map((table, index): Part => {
    const first = index === 0 ? options.offset : 0;
    const rows = table.rows.slice(first, table.limit === undefined ? undefined : first + table.limit);
    return { table, first, total: table.total ?? table.rows.length, texts: rows.map(showRow), shown: rows.length };
  });
  const tail = () => {
    const first = parts[0];
    const end = first === undefined ? 0 : first.first + first.shown;
    const more = first !== undefined && end < first.table.rows.length ? options.continueAt(end) : null;
    const calls = more === null ? next : [...next, showCall(more, options)];
    return [...gaps, ...notes.map((note) => `note: ${note}`), ...calls.map((call) => `next: ${call}`)];
  };
  const lines = () => [header, ...parts.flatMap((part) => showPart(part, parts.length > 1)), ...tail()];
  let excess = lines().join('\n').length - options.budget;
  // A cut adds the lines that say so, hence another round when the first was not enough.
  while (excess > 0 && parts.some((part) => part.shown > 0)) {
    cutRows(parts, excess);
    excess = lines().join('\n').length - options.budget;
  }
  const calls = tail()
    .filter((line) => line.startsWith('next: '))
    .map((line) => line.slice('next: '.length));
  return {
    text: lines().join('\n'),
    structured: {
      title: safe(answer.title),
      source: safe(answer.source),
      asOf: showTime(answer.asOf),
      ...(answer.window === undefined ? {} : { window: safe(answer.window) }),
      summary: safe(answer.summary),
      ...(answer.coverage === undefined ? {} : { coverage: structuredCoverage(answer.coverage) }),
      tables: parts.map(structuredTable),
      ...(notes.length === 0 ? {} : { notes }),
      ...(calls.length === 0 ? {} : { next: calls }),
    },
  };
}

/** Takes rows from the end of the last table that still has some until `excess` characters are gone or it is empty. */
function cutRows(parts: readonly Part[], excess: number): void {
  const part = parts.findLast((candidate) => candidate.shown > 0);
  let left = excess;
  while (part !== undefined && part.shown > 0 && left > 0) {
    part.shown -= 1;
    left -= (part.texts[part.shown]?.length ?? 0) + 1;
  }
}

function showPart(part: Part, named: boolean): string[] {
  const { table, texts, shown, total, first } = part;
  if (first > 0 && shown === 0) return [`no rows from ${first + 1} on, there are ${total}`];
  const range = first === 0 ? `shown ${shown} of ${total}` : `rows ${first + 1} to ${first + shown} of ${total}`;
  const cut = shown < total ? range : '';
  const title =
    named && table.name !== undefined
      ? `${safe(table.name)}${cut === '' ? '' : ` (${cut})`}:`
      : cut && `${cut}, ${table.order ?? 'worst first'}`;
  const common = Object.entries(table.common ?? {}).map(([key, value]) => `${key}=${showCell(value)}`);
  return [
    ...(title === '' ? [] : [title]),
    ...(common.length === 0 ? [] : [`all: ${common.join(' ')}`]),
    ...(shown === 0 ? [] : [table.columns.join(' '), ...texts.slice(0, shown)]),
  ];
}

function structuredTable({ table, first, total, shown }: Part): Record<string, unknown> {
  return {
    ...(table.name === undefined ? {} : { name: safe(table.name) }),
    ...(table.common === undefined ? {} : { common: mapValues(table.common) }),
    columns: table.columns,
    rows: table.rows
      .slice(first, first + shown)
      .map((row) => row.map((cell) => (typeof cell === 'string' ? safe(cell) : cell))),
    ...(shown < total ? { total, shown, truncated: true } : {}),
    ...(first > 0 ? { offset: first } : {}),
  };
}

function mapValues(common: Readonly<Record<string, Cell>>): Record<string, Cell> {
  return Object.fromEntries(
    Object.entries(common).map(([key, value]) => [key, typeof value === 'string' ? safe(value) : value]),
  );
}

/** One row as text: cells apart by one space, a cell with white space quoted unless it is the last, which runs to the end. */
function showRow(row: readonly Cell[]): string {
  return row.map((cell, index) => showCell(cell, index === row.length - 1)).join(' ');
}

function showCell(cell: Cell, last = false): string {
  if (cell === null || cell === '') return '-';
  if (typeof cell !== 'string') return String(cell);
  const text = safe(cell);
  return !last && /[\s"]/.test(text) ? JSON.stringify(text) : text;
}

function showMissing(coverage: Coverage): string[] {
  if (coverage.missing.length === 0) return [];
  const shown = coverage.missing.slice(0, MISSING_SHOWN).map((gap) => {
    const seen = gap.lastSeen === null ? '' : ` (last seen ${showTime(gap.lastSeen)})`;
    return `${safe(gap.node)} ${safe(gap.reason)}${seen}`;
  });
  const rest = coverage.missing.length - shown.length;
  return [`no answer: ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`];
}

function structuredCoverage(coverage: Coverage): Record<string, unknown> {
  const missing = coverage.missing.slice(0, MISSING_SHOWN).map((gap) => ({
    node: safe(gap.node),
    reason: safe(gap.reason),
    lastSeen: gap.lastSeen === null ? null : showTime(gap.lastSeen),
  }));
  return { asked: coverage.asked, answered: coverage.answered, ...(missing.length === 0 ? {} : { missing }) };
}

function showCall(call: NextCall, options: RenderOptions): string {
  const args = Object.entries(call.arguments).map(
    ([name, value]) => `${name}=${JSON.stringify(typeof value === 'string' ? safe(value) : value)}`,
  );
  return `${options.toolName(call.tool)}(${args.join(', ')})`;
}

function showTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

function safe(text: string): string {
  return cleanText(redact(text));
}
