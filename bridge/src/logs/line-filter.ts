import { RE2JS, RE2JSException } from 're2js';

export interface LineFilter {
  /** Whether it is wanted: `grep` matches one of the lines (or is not given), `exclude` none. */
  test(lines: readonly string[]): 'kept' | 'unmatched' | 'excluded';
  /** What the caller should know of how the patterns were taken. */
  notes: readonly string[];
}

/**
 * A filter of lines by regular expressions in the syntax of RE2, which take linear time whatever they are. What is no such
 * expression is looked for as plain text, and a note says so. `(?i)` at the beginning takes capitals and small letters for one.
 */
export function createLineFilter(patterns: { grep?: string | undefined; exclude?: string | undefined }): LineFilter {
  const notes: string[] = [];
  const grep = compile('grep', patterns.grep, notes);
  const exclude = compile('exclude', patterns.exclude, notes);
  return {
    notes,
    test: (lines) => {
      if (grep !== null && !lines.some(grep)) return 'unmatched';
      return exclude !== null && lines.some(exclude) ? 'excluded' : 'kept';
    },
  };
}

function compile(name: string, pattern: string | undefined, notes: string[]): ((line: string) => boolean) | null {
  if (pattern === undefined) return null;
  if (!SPECIAL.test(pattern)) return (line) => line.includes(pattern);
  try {
    const expression = RE2JS.compile(pattern);
    return (line) => expression.test(line);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const why = error.message.replace(/^error parsing regexp: /, '');
    notes.push(`${name} was taken as plain text: no RE2 expression, ${why}`);
    return (line) => line.includes(pattern);
  }
}

const SPECIAL = /[\\^$.*+?()[\]{}|]/;
