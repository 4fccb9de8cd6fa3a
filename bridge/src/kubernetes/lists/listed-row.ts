import type { Cell } from '../../answer.ts';
import { compareText } from '../../compare-text.ts';
import { type Health, NOTE } from '../health/judge.ts';

/** One object of a list: its place, its printed cells, and how it is. */
export interface ListedRow {
  /** Null for what has no namespace. */
  namespace: string | null;
  name: string;
  /** In the order of the list's columns. */
  cells: readonly Cell[];
  health: Health;
  /** What it belongs to, as `Deployment/ledger` or `ledger-7d9f8b6c5d-*`; its own name where it stands alone. */
  owner: string;
}

/** A list as it was read. */
export interface Listing {
  /** What `cells` are: the server's columns, without the name. */
  columns: readonly string[];
  rows: readonly ListedRow[];
  /** Whether the rows were judged: of a ConfigMap it would be odd to say that it is healthy. */
  judged: boolean;
  /** Whether names are worth showing: those of Events are not. */
  named: boolean;
  /** What the reader should know of how it was read. */
  notes: readonly string[];
}

/** Worst first, then what went wrong last, then by name; the same rows are always in the same order. */
export function byUrgency(a: ListedRow, b: ListedRow): number {
  return (
    b.health.severity - a.health.severity ||
    (b.health.since ?? 0) - (a.health.since ?? 0) ||
    compareText(a.namespace ?? '', b.namespace ?? '') ||
    compareText(a.name, b.name)
  );
}

/** Whether a row is shown as trouble. */
export function isTrouble({ health }: ListedRow): boolean {
  return health.severity > NOTE;
}
