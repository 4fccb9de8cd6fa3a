import { ToolError } from '../errors.ts';
import { aside } from '../promql/aside.ts';
import { redact } from '../redact.ts';
import type { Loki, LokiWindow } from '../upstreams/loki.ts';

const PATIENCE_MS = 2000;
/** Longer ones are not mended: what finds mistakes may look through the rest of the query for each. */
const LONGEST = 5000;

/** Ways in which queries are written wrong, each with what was meant. Strings are out of the way: each stands as `"0"`, `"1"` … */
const MENDS: readonly ((text: string) => string)[] = [
  // `{app=cart}`, `{app=~ cart.*}`.
  (text) => text.replace(/([{,]\s*[\w.]+\s*(?:=~|!~|!=|=)\s*)(?!["\s=~])([^\s"{},|]+)/g, '$1"$2"'),
  // `{app="a" namespace="b"}`, `{app="a" and namespace="b"}`.
  (text) => text.replace(/("\d+")\s+(?:and\s+|AND\s+|&&\s*)?(?=[\w.]+\s*(?:=~|!~|!=|=)\s*"[^{]*\})/g, '$1, '),
  // `{app=="cart"}`.
  (text) => text.replace(/([{,]\s*[\w.]+\s*)==(?=\s*")/g, '$1='),
  // A bare `app="cart"`.
  (text) =>
    text
      .replace(/^(\s*(?:[\w.]+\s*(?:=~|!~|!=|=)\s*"\d+"(?:\s*,)?\s*)+)(?=\||$)/, (all) => `{${all.trim()}} `)
      .trimEnd(),
  // `|= error`, `| = "error"`, `|= "a" |= b`.
  (text) => text.replace(/\|\s+(?==\s*"|~\s*")/g, '|').replace(/(\|=|\|~)\s*(?!["\s])([\w.:/-]+)/g, '$1 "$2"'),
  // `| "error"`.
  (text) => text.replace(/\|\s*(?="\d+"\s*(?:$|\||\)|\[))/g, '|= '),
  // `rate({app="cart"})`.
  (text) =>
    text.replace(
      /\b((?:count|sum|avg|min|max|first|last|stddev|stdvar|quantile|bytes|absent)_over_time|rate|bytes_rate|rate_counter)(\s*\(\s*\{[^{}()[\]]*\}[^()[\]]*?)\s*\)/g,
      '$1$2 [5m])',
    ),
  closed,
];

/**
 * A query as it was probably meant: quotes, commas and brackets where they are missing. The same text where nothing is obvious.
 */
export function mendQuery(logql: string): string {
  if (logql.length > LONGEST) return logql;
  const strings: string[] = [];
  // Single quotes are no strings in LogQL, but meant as such.
  const bare = logql.replace(/"(?:[^"\\]|\\.)*"|`[^`]*`|'[^']*'/g, (found) => {
    strings.push(found.startsWith("'") ? JSON.stringify(found.slice(1, -1)) : found);
    return `"${strings.length - 1}"`;
  });
  const held = strings.length;
  const mended = MENDS.reduce((text, mend) => mend(text), bare);
  return mended.replace(/"(\d+)"/g, (quoted, index: string) => {
    const found = Number(index) < held ? strings[Number(index)] : undefined;
    return found ?? quoted;
  });
}

const CLOSING = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
]);

/** Closes what was left open: braces before the pipeline that follows them, all else at the end. */
function closed(text: string): string {
  const brace = text.replace(/(\{[^{}|[\]]*?"\d+")(?=\s*(?:\||\[|\)|$))/g, '$1}');
  const open: string[] = [];
  for (const sign of brace) {
    const closing = CLOSING.get(sign);
    if (closing !== undefined) open.push(closing);
    else if (sign === open.at(-1)) open.pop();
  }
  return `${brace}${open.reverse().join('')}`;
}

/** The error with a query that Loki takes in place of the one it could not read; with the place of the mistake where there is none. */
export async function withMendedQuery(
  error: ToolError,
  logql: string,
  window: LokiWindow,
  loki: Loki,
  signal: AbortSignal,
): Promise<ToolError> {
  if (error.code !== 'bad_query') return error;
  const isEmptyMatch = /empty-compatible/.test(error.message);
  const mended = isEmptyMatch ? logql.replace(/=~(\s*)(["`])\.\*\2/g, '=~$1$2.+$2') : mendQuery(logql);
  if (mended !== logql) {
    const end = window.start + 1_000_000_000n;
    const taken = await aside(PATIENCE_MS, signal, (within) =>
      loki.queryRange(mended, { start: window.start, end, limit: 1, step: 1 }, within),
    );
    if (taken !== null)
      return new ToolError(error.code, error.message, {
        upstream: error.upstream,
        hint: `This runs: ${mended}`,
        cause: error,
      });
  }
  const hint = error.hint ?? placeOf(error.message, logql);
  return new ToolError(error.code, error.message, { upstream: error.upstream, hint, cause: error });
}

/** Characters shown before and after the place. */
const AROUND = 30;

/** What stands at the line and column that a parse error names; null where it names none, or they lie elsewhere. */
function placeOf(words: string, logql: string): string | null {
  const [, line = '', column = ''] = /parse error at line (\d+), col (\d+)/.exec(words) ?? [];
  const text = logql.split('\n')[Number(line) - 1];
  const at = Number(column) - 1;
  if (text === undefined || at < 1 || at > text.length) return null;
  // Redacted before it is cut: half a secret would no longer look like one.
  const safe = redact(text);
  if (!safe.startsWith(text.slice(0, at))) return null;
  const rest = safe.slice(at, at + AROUND);
  const before = JSON.stringify(safe.slice(Math.max(0, at - AROUND), at));
  return `Column ${column} is behind ${before}, ${rest === '' ? 'at the end' : `at ${JSON.stringify(rest)}`}.`;
}
