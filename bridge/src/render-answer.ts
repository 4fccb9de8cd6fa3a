import type { Answer, Cell, Coverage, NextCall, StructuredAnswer, Table } from './answer.ts';
import { safeText } from './safe-text.ts';

/** A row of an answer: the table's place among its tables, and the row's in that table, both from 0. */
export interface Position {
  table: number;
  row: number;
}

export interface RenderOptions {
  /** Characters the text may have. */
  budget: number;
  /** Where to go on, from the caller's cursor; null shows the answer from its start. */
  from: Position | null;
  /** A tool's name in the spelling this client uses. */
  toolName(canonical: string): string;
  /** The call that goes on at a row; null for a tool whose answers cannot be paged. */
  continueAt(position: Position): NextCall | null;
}

/** An answer in both forms, cut to the budget. */
export interface Rendered {
  text: string;
  structured: StructuredAnswer;
}

/** What is shown of a table: cleaned rows from `first` on, of which the first `shown` fit. */
interface Part {
  table: Table;
  index: number;
  first: number;
  total: number;
  rows: Cell[][];
  texts: string[];
  shown: number;
}

const MISSING_SHOWN = 20;
const NOTES_SHOWN = 20;
const LONGEST_NOTE = 600;

/**
 * Turns an answer into text and structured form. Every string is redacted and cleaned here, whole, before anything is cut.
 * What does not fit the budget goes row by row from the end of the last table, never in the middle of a row, and is said
 * with total, shown and how to go on. A single cell may have a twelfth of the budget.
 */
export function renderAnswer(answer: Answer, options: RenderOptions): Rendered {
  const next = (answer.next ?? []).map((call) => showCall(call, options));
  const notes = showNotes(answer.notes ?? []);
  const head = [safeText(answer.title), `as of ${showTime(answer.asOf)}`, `from ${safeText(answer.source)}`];
  if (answer.window !== undefined) head.push(safeText(answer.window));
  const asked =
    answer.coverage === undefined ? '' : `asked ${answer.coverage.asked}, answered ${answer.coverage.answered}: `;
  const header = `${head.join(' · ')} · ${asked}${safeText(answer.summary)}`;
  const gaps = answer.coverage === undefined ? [] : showMissing(answer.coverage);
  const parts = partsOf(answer.tables, options);
  const calls = () => [...next, ...continuations(parts, options).map((call) => showCall(call, options))];
  const lines = () => [
    header,
    ...parts.flatMap(showPart),
    ...gaps,
    ...notes.map((note) => `note: ${note}`),
    ...calls().map((call) => `next: ${call}`),
  ];
  let excess = lines().join('\n').length - options.budget;
  // A cut adds the lines that say so, hence another round when the first was not enough.
  while (excess > 0 && parts.some((part) => part.shown > 0)) {
    cutRows(parts, excess);
    excess = lines().join('\n').length - options.budget;
  }
  const shownCalls = calls();
  return {
    text: lines().join('\n'),
    structured: {
      title: safeText(answer.title),
      source: safeText(answer.source),
      asOf: showTime(answer.asOf),
      ...(answer.window === undefined ? {} : { window: safeText(answer.window) }),
      summary: safeText(answer.summary),
      ...(answer.coverage === undefined ? {} : { coverage: structuredCoverage(answer.coverage) }),
      tables: parts.map(structuredTable),
      ...(notes.length === 0 ? {} : { notes }),
      ...(shownCalls.length === 0 ? {} : { next: shownCalls }),
    },
  };
}

/** Every table from its first row, or, when an earlier answer is continued, the one table that was cut. */
function partsOf(tables: readonly Table[], { from, budget }: RenderOptions): Part[] {
  return tables.flatMap((table, index): Part[] => {
    if (from !== null && from.table !== index) return [];
    const first = from?.row ?? 0;
    const most = first === 0 ? (table.opening ?? table.limit) : table.limit;
    const rows = table.rows
      .slice(first, most === undefined ? undefined : first + most)
      .map((row) =>
        row.map((cell) =>
          typeof cell === 'string'
            ? clip(table.verbatim === true ? safeLine(cell) : safeText(cell), Math.floor(budget / 12))
            : cell,
        ),
      );
    const total = table.total ?? table.rows.length;
    const texts = rows.map((row) => (table.verbatim === true ? row.join('') : showRow(row)));
    return [{ table, index, first, total, rows, texts, shown: rows.length }];
  });
}

/** The calls that go on where tables were cut. None where not even one row fits: it would only lead to itself. */
function continuations(parts: readonly Part[], options: RenderOptions): NextCall[] {
  return parts.flatMap(({ table, index, first, shown }) => {
    const end = first + shown;
    const more = shown > 0 && end < table.rows.length ? options.continueAt({ table: index, row: end }) : null;
    return more === null ? [] : [more];
  });
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

function showPart({ table, texts, shown, total, first }: Part): string[] {
  if (first > 0 && shown === 0) return [`no rows from ${first + 1} on, there are ${total}`];
  const range = first === 0 ? `shown ${shown} of ${total}` : `rows ${first + 1} to ${first + shown} of ${total}`;
  const cut = shown < total ? range : '';
  const title =
    table.name === undefined
      ? cut && `${cut}, ${table.order ?? 'worst first'}`
      : `${safeText(table.name)}${cut === '' ? '' : ` (${cut})`}:`;
  const common = Object.entries(table.common ?? {}).map(([key, value]) => `${key}=${showCell(cleanCell(value))}`);
  return [
    ...(title === '' ? [] : [title]),
    ...(common.length === 0 ? [] : [`all: ${common.join(' ')}`]),
    ...(shown === 0 || table.properties === true || table.verbatim === true ? [] : [table.columns.join(' ')]),
    ...shownWay(table, texts.slice(0, shown)),
  ];
}

function shownWay<T>({ reversed }: Table, rows: readonly T[]): readonly T[] {
  return reversed === true ? rows.toReversed() : rows;
}

function structuredTable({ table, first, total, rows, shown }: Part): Record<string, unknown> {
  const shownRows = shownWay(table, rows.slice(0, shown));
  return {
    ...(table.name === undefined ? {} : { name: safeText(table.name) }),
    ...(table.common === undefined ? {} : { common: mapValues(table.common) }),
    ...structuredRows(table, shownRows),
    ...(shown < total ? { total, shown, truncated: true } : {}),
    ...(first > 0 ? { offset: first } : {}),
  };
}

function structuredRows(table: Table, rows: readonly (readonly Cell[])[]): Record<string, unknown> {
  if (table.verbatim === true) return { text: rows.map((row) => row.join('')).join('\n') };
  return isRecord(table, rows) ? { properties: Object.fromEntries(rows) } : { columns: table.columns, rows };
}

/** Whether rows of name and value can be said as one object: no name comes twice. */
function isRecord({ properties }: Table, rows: readonly (readonly Cell[])[]): boolean {
  return properties === true && new Set(rows.map(([name]) => name)).size === rows.length;
}

function mapValues(common: Readonly<Record<string, Cell>>): Record<string, Cell> {
  return Object.fromEntries(Object.entries(common).map(([key, value]) => [key, cleanCell(value)]));
}

/** One row as text: cells apart by one space, a cell with white space quoted unless it is the last, which runs to the end. */
function showRow(row: readonly Cell[]): string {
  return row.map((cell, index) => showCell(cell, index === row.length - 1)).join(' ');
}

/** A cleaned cell as text. */
function showCell(cell: Cell, last = false): string {
  if (cell === null || cell === '') return '-';
  if (typeof cell !== 'string') return String(cell);
  return !last && /[\s"]/.test(cell) ? JSON.stringify(cell) : cell;
}

function cleanCell(cell: Cell): Cell {
  return typeof cell === 'string' ? safeText(cell) : cell;
}

function showNotes(notes: readonly string[]): string[] {
  const shown = notes.slice(0, NOTES_SHOWN).map((note) => clip(safeText(note), LONGEST_NOTE));
  return notes.length > shown.length ? [...shown, `and ${notes.length - shown.length} more notes`] : shown;
}

/** A text that is over the limit, with how much of it is left out. */
function clip(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length - limit} more characters)`;
}

function showMissing(coverage: Coverage): string[] {
  if (coverage.missing.length === 0) return [];
  const shown = coverage.missing.slice(0, MISSING_SHOWN).map((gap) => {
    const seen = gap.lastSeen === null ? '' : ` (last seen ${showTime(gap.lastSeen)})`;
    return `${safeText(gap.node)} ${safeText(gap.reason)}${seen}`;
  });
  const rest = coverage.missing.length - shown.length;
  return [`no answer: ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`];
}

function structuredCoverage(coverage: Coverage): Record<string, unknown> {
  const missing = coverage.missing.slice(0, MISSING_SHOWN).map((gap) => ({
    node: safeText(gap.node),
    reason: safeText(gap.reason),
    lastSeen: gap.lastSeen === null ? null : showTime(gap.lastSeen),
  }));
  return { asked: coverage.asked, answered: coverage.answered, ...(missing.length === 0 ? {} : { missing }) };
}

function showCall(call: NextCall, options: RenderOptions): string {
  const args = Object.entries(call.arguments).map(
    ([name, value]) => `${name}=${JSON.stringify(typeof value === 'string' ? safeText(value) : value)}`,
  );
  return `${options.toolName(call.tool)}(${args.join(', ')})`;
}

function showTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

/** A line with the spaces that it begins with; they say what belongs to what. */
function safeLine(line: string): string {
  const text = safeText(line);
  return text === '' ? '' : `${/^ */.exec(line)?.[0] ?? ''}${text}`;
}
