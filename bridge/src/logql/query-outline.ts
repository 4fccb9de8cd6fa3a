import { parseDuration } from '../moment.ts';
import { outline, type Selector } from '../promql/expression-outline.ts';

/** What can be told of a LogQL expression without evaluating it. */
export interface QueryOutline {
  /** The expression without comments, on one line. */
  text: string;
  /** Whether it gives lines, or numbers computed of them. */
  type: 'lines' | 'numbers';
  /** What stands in braces, with its place in `source`. */
  selectors: readonly Selector[];
  /** As given. */
  source: string;
  /** The stretches of time in brackets, `5m`, each with its seconds. */
  windows: readonly { text: string; seconds: number }[];
  /** How far before the window the expression reads, seconds: its longest stretch and offset. */
  lookback: number;
  /** Whether something leaves lines out, so that Loki may have to read many to find a few. */
  hasFilter: boolean;
  /** Function or aggregation around all of it, for example `topk`. */
  outermost: string | null;
}

/** A first look at a LogQL expression. It takes anything for one; whether it is, is Loki's to say. */
export function outlineQuery(logql: string): QueryOutline {
  const { text, selectors, stretches, outermost } = outline(logql);
  const streams = selectors.filter(({ start, metric }) => metric === null && logql[start] === '{');
  const windows = stretches.map(({ window }) => ({ text: window, seconds: parseDuration(window) ?? 0 }));
  const bare = withoutStrings(text);
  const offsets = [...bare.matchAll(/\boffset\s+(\w+)/g)].map(([, span = '']) => parseDuration(span) ?? 0);
  const behind = withoutStrings(logql.slice(streams[0]?.end ?? 0));
  return {
    text,
    source: logql,
    type: /^[\s(]*\{/.test(text) ? 'lines' : 'numbers',
    selectors: streams,
    windows,
    lookback: Math.max(0, ...windows.map(({ seconds }) => seconds)) + Math.max(0, ...offsets),
    hasFilter: /[=<>~!]/.test(behind),
    outermost,
  };
}

/** The expression with matchers added to its selector at `index`. */
export function withMatchers(query: QueryOutline, index: number, matchers: string): string {
  const selector = query.selectors[index];
  if (selector === undefined) return query.source;
  const head = query.source.slice(0, selector.end).replace(/\s*,?\s*\}$/, '');
  const comma = head.endsWith('{') ? '' : ', ';
  return `${head}${comma}${matchers}}${query.source.slice(selector.end)}`.trim();
}

/** A matcher of one value, its quotes and backslashes escaped. */
export function exactly(label: string, value: string): string {
  return `${label}=${JSON.stringify(value)}`;
}

function withoutStrings(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"?|`[^`]*`?/g, '""');
}
