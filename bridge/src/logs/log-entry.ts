import { cutLine } from './cut-line.ts';
import { detachedText } from './detached-text.ts';

/** A line of a log, cleaned and redacted. */
export interface LogLine {
  /** When the runtime took it, RFC 3339 in UTC; null where that is not known. */
  time: string | null;
  text: string;
}

/** One message of a log: a line, or the lines of a trace that belong together. */
export interface LogEntry {
  time: string | null;
  /** At least one. */
  lines: readonly string[];
  /** Lines that belong to it and were not held. */
  more: number;
}

/** The lines as they are kept: no longer than is ever shown of one, and apart from the chunk that they came in. */
export function keptLines(lines: readonly string[]): string[] {
  return lines.map((line) => detachedText(cutLine(line, LONGEST_KEPT)));
}

/** A record of JSON is shown in another form, so more than is shown. */
const LONGEST_KEPT = 8000;
