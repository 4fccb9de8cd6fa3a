import * as z from 'zod';

/** A cell: what a reader needs, already in its unit or formatted. Null means not known, and is shown as `-`. */
export type Cell = string | number | boolean | null;

/** Rows under named columns, the most important first: when something must be cut it is cut from the end. */
export interface Table {
  /** Left out when the answer has one table only. */
  name?: string;
  /** What all rows have in common, said once instead of in every row. */
  common?: Readonly<Record<string, Cell>>;
  columns: readonly string[];
  rows: readonly (readonly Cell[])[];
  /** True for rows of name and value about one thing, whose columns need no names. */
  properties?: true;
  /** True for the lines of a document or a log: one cell each, indentation kept, no header. See `documentTable`. */
  verbatim?: true;
  /** True for a log: `rows` has the newest first, so that the oldest are cut, and they are shown the other way round. */
  reversed?: true;
  /** What the rows are sorted by, said when some are cut: `worst first` unless told, `highest first`, `by name` … */
  order?: string;
  /** Rows there are, when `rows` does not hold all of them; undefined means `rows` is all. */
  total?: number;
  /** Rows to show at most, where the caller said so. */
  limit?: number;
  /** Rows to show of an answer that is not continued yet, where those after them are for who asks on; `limit` from then on. */
  opening?: number;
}

/** A call that would answer the obvious next question; shown in the spelling that the client uses. */
export interface NextCall {
  tool: string;
  arguments: Readonly<Record<string, string | number | boolean>>;
}

/** Who was asked in a fan-out and who did not answer. */
export interface Coverage {
  asked: number;
  answered: number;
  missing: readonly MissingNode[];
}

export interface MissingNode {
  node: string;
  /** For example `timeout after 3s`, `connection refused`. */
  reason: string;
  lastSeen: Date | null;
}

/** A picture that is sent beside both forms of an answer. It only shows what the answer also says. */
export interface Picture {
  mimeType: 'image/png';
  data: Uint8Array;
}

/** What a tool answers: the finding first, then the rows that show it. How it becomes text or JSON is not the tool's concern. */
export interface Answer {
  /** What was asked about, for example `containerd.service`. */
  title: string;
  /** Who says so, for example `prometheus` or `node agents`. */
  source: string;
  /** When the answer was true. */
  asOf: Date;
  /** The time span it covers, for example `1h, step 30s`. */
  window?: string;
  /** The finding in one line: totals, consensus. */
  summary: string;
  coverage?: Coverage;
  tables: readonly Table[];
  /** What the reader should know of how the answer came about: warnings, gaps, what was assumed. */
  notes?: readonly string[];
  next?: readonly NextCall[];
  picture?: Picture;
}

/** The structured form of every answer, and the declared `outputSchema` of every tool: one shape, columnar. */
export const StructuredAnswer = z.object({
  title: z.string(),
  source: z.string(),
  asOf: z.string(),
  window: z.string().optional(),
  summary: z.string(),
  coverage: z.record(z.string(), z.unknown()).optional(),
  tables: z.array(z.record(z.string(), z.unknown())),
  notes: z.array(z.string()).optional(),
  next: z.array(z.string()).optional(),
});
export type StructuredAnswer = z.infer<typeof StructuredAnswer>;
