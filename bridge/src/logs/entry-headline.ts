import type { LogEntry } from './log-entry.ts';

/**
 * What an entry is about, in one line: the first line, and of a trace the exception and its innermost cause, which Python
 * writes last and Java in the middle.
 */
export function headlineOf({ lines }: Pick<LogEntry, 'lines'>): string {
  if (lines.length === 1) return lines[0] ?? '';
  const [first = '', ...rest] = lines;
  const thrown = rest.find((line) => EXCEPTION.test(line));
  const cause = rest.findLast((line) => CAUSE.test(line));
  const isBare = PYTHON.test(first);
  const parts = [...(isBare ? [] : [first]), ...(isBare ? [] : [thrown]), cause ?? (isBare ? thrown : undefined)];
  const said = [...new Set(parts.flatMap((part) => (part === undefined ? [] : [part.trim()])))];
  return said.length === 0 ? first : said.join(' … ');
}

const EXCEPTION =
  /^(?:panic: |fatal error: |\[signal |(?:[\w$]+\.)*(?:[A-Z][\w$]*)?(?:Exception|Error|Exit|Interrupt|Throwable)(?: \[\w+\])?(?::|$))/;
/** Java's, .NET's, and the last exception of a chain in Python, which is the one that was raised. */
const CAUSE = /^\s*(?:Caused by: |---> )|^(?:[\w$]+\.)*(?:[A-Z][\w$]*)?(?:Error|Exception|Exit|Interrupt)(?::|$)/;
const PYTHON = /^Traceback \(most recent call last\):$/;
