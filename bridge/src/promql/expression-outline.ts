/** One condition of a selector, for example `mode!="idle"`. */
export interface Matcher {
  label: string;
  operator: '=' | '!=' | '=~' | '!~';
  value: string;
  /** As written. */
  text: string;
}

/** A vector selector in an expression. */
export interface Selector {
  /** The metric's name; null in `{job="x"}`. */
  metric: string | null;
  matchers: readonly Matcher[];
  /** Window of a range selector or subquery right behind it, `5m`; null for an instant one. */
  window: string | null;
  /** ` offset 1d` or ` @ 1700000000`, to be appended to a selector made from this one; empty where there is none. */
  shift: string;
  /** Where it stands in the expression. */
  start: number;
  end: number;
}

/** A stretch of time in brackets: `[5m]` behind a selector, `[1h:1m]` behind any expression. */
export interface Stretch {
  /** Of a range selector or subquery: `1h`. */
  window: string;
  /** How far apart a subquery looks, `1m`; empty for Prometheus's default, null behind a selector without a colon. */
  resolution: string | null;
  /** Where the window stands in the expression. */
  start: number;
  end: number;
}

/** What can be told of an expression without evaluating it. */
export interface ExpressionOutline {
  source: string;
  /** The expression without comments, on one line: safe to be put into another. */
  text: string;
  selectors: readonly Selector[];
  /** The selector that the expression is and nothing else, its window and shift aside; null for any other expression. */
  only: Selector | null;
  stretches: readonly Stretch[];
  /** Function or aggregation around all of it, for example `topk`; null where there is none. */
  outermost: string | null;
}

interface Token {
  kind: 'name' | 'string' | 'number' | 'sign';
  text: string;
  start: number;
  end: number;
}

const TOKEN =
  /(?<space>(?:\s|#[^\n]*)+)|(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)|(?<string>"(?:[^"\\]|\\[\s\S])*"?|'(?:[^'\\]|\\[\s\S])*'?|`[^`]*`?)|(?<number>\d[\w.]*)|(?<sign>=~|!~|!=|==|>=|<=|[\s\S])/gu;

/** Their parentheses hold label names, not expressions. */
const GROUPING = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']);
const WORDS = new Set([
  ...['and', 'or', 'unless', 'atan2', 'bool', 'offset', 'inf', 'nan', 'start', 'end'],
  ...['sum', 'min', 'max', 'avg', 'count', 'group', 'stddev', 'stdvar', 'topk', 'bottomk', 'count_values', 'quantile'],
  ...['limitk', 'limit_ratio', ...GROUPING],
]);

/**
 * A first look at a PromQL expression: which series it selects, over which windows, and what is around it. It takes anything
 * for an expression; whether it is one is Prometheus's to say.
 */
export function outline(expr: string): ExpressionOutline {
  const tokens = tokenize(expr);
  const selectors: Selector[] = [];
  let only: Selector | null = null;
  let at = 0;
  while (at < tokens.length) {
    const token = tokens[at];
    const following = tokens[at + 1]?.text;
    if (token?.kind === 'name' && GROUPING.has(token.text.toLowerCase()) && following === '(') {
      at = closing(tokens, at + 1) + 1;
    } else if (token?.text === '[') {
      at = closing(tokens, at) + 1;
    } else if (
      token?.text === '{' ||
      (token?.kind === 'name' && following !== '(' && !WORDS.has(token.text.toLowerCase()))
    ) {
      const [selector, next] = readSelector(tokens, at);
      selectors.push(selector);
      if (at === 0 && next === tokens.length) only = selector;
      at = next;
    } else {
      at += 1;
    }
  }
  return {
    source: expr,
    text: withoutComments(expr),
    selectors,
    only,
    stretches: stretchesOf(tokens),
    outermost: outermostOf(tokens),
  };
}

function stretchesOf(tokens: readonly Token[]): Stretch[] {
  return tokens.flatMap((token, index) => {
    if (token.text !== '[') return [];
    const inside = tokens.slice(index + 1, index + 4);
    const close = inside.findIndex((each) => each.text === ']');
    const [window, colon, step] = close === -1 ? inside : inside.slice(0, close);
    if (window?.kind !== 'number') return [];
    const { text, start, end } = window;
    // A colon may begin a name, and so takes what follows it along.
    const resolution = colon?.text.startsWith(':') ? colon.text.slice(1) || (step?.text ?? '') : null;
    return [{ window: text, resolution, start, end }];
  });
}

/** A selector as text, without the matcher at `leaveOut` where that is given. */
export function selectorText(selector: Selector, leaveOut?: number): string {
  const matchers = selector.matchers.filter((_, index) => index !== leaveOut).map((matcher) => matcher.text);
  const { metric } = selector;
  const plain = metric === null || /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(metric);
  const inside = plain ? matchers : [`__name__=${JSON.stringify(metric)}`, ...matchers];
  return `${plain ? (metric ?? '') : ''}${inside.length === 0 ? '' : `{${inside.join(',')}}`}`;
}

function tokenize(expr: string): Token[] {
  const tokens: Token[] = [];
  for (const match of expr.matchAll(TOKEN)) {
    const { name, string, number, sign } = match.groups ?? {};
    const kind =
      name !== undefined ? 'name' : string !== undefined ? 'string' : number !== undefined ? 'number' : 'sign';
    const text = name ?? string ?? number ?? sign;
    if (text !== undefined) tokens.push({ kind, text, start: match.index, end: match.index + text.length });
  }
  return tokens;
}

function withoutComments(expr: string): string {
  return expr
    .replace(TOKEN, (text, space: string | undefined) => (space === undefined ? text : ' '))
    .replace(/^ +| +$/g, '');
}

/** Index of the bracket that closes the one at `open`; the last token when none does. */
function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    const text = tokens[at]?.text;
    if (text === '(' || text === '[' || text === '{') depth += 1;
    else if (text === ')' || text === ']' || text === '}') depth -= 1;
    if (depth === 0) return at;
  }
  return tokens.length - 1;
}

function readSelector(tokens: readonly Token[], first: number): [Selector, number] {
  const head = tokens[first];
  let metric = head?.kind === 'name' ? head.text : null;
  const matchers: Matcher[] = [];
  let at = metric === null ? first : first + 1;
  if (tokens[at]?.text === '{') {
    const close = closing(tokens, at);
    for (const part of splitAtCommas(tokens.slice(at + 1, close))) {
      const [label, operator, value] = part;
      if (label === undefined) continue;
      if (operator === undefined) {
        // A name that is no identifier stands quoted between the braces, {"http.requests"}, since Prometheus 3.
        if (label.kind === 'string') metric ??= unquote(label.text);
      } else if (isOperator(operator.text) && value?.kind === 'string') {
        const name = label.kind === 'string' ? unquote(label.text) : label.text;
        const text = `${label.text}${operator.text}${value.text}`;
        if (name === '__name__' && operator.text === '=') metric ??= unquote(value.text);
        else matchers.push({ label: name, operator: operator.text, value: unquote(value.text), text });
      }
    }
    at = close + 1;
  }
  const end = tokens[at - 1]?.end ?? 0;
  let window: string | null = null;
  if (tokens[at]?.text === '[') {
    const close = closing(tokens, at);
    window = tokens[at + 1]?.kind === 'number' ? (tokens[at + 1]?.text ?? null) : null;
    at = close + 1;
  }
  let shift = '';
  while (tokens[at]?.text === 'offset' || tokens[at]?.text === '@') {
    const taken = tokens[at + 1]?.text === '-' ? 3 : 2;
    shift += ` ${tokens
      .slice(at, at + taken)
      .map((token) => token.text)
      .join(' ')
      .replace('- ', '-')}`;
    at += taken;
  }
  return [{ metric, matchers, window, shift, start: head?.start ?? 0, end }, at];
}

function splitAtCommas(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token.text === ',') parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

function isOperator(text: string): text is Matcher['operator'] {
  return text === '=' || text === '!=' || text === '=~' || text === '!~';
}

/** The text of a string literal; escapes other than of quotes and backslashes are left as they are. */
function unquote(literal: string): string {
  const inner = literal.slice(1, literal.length > 1 && literal.at(-1) === literal[0] ? -1 : undefined);
  return literal.startsWith('`') ? inner : inner.replace(/\\(["'\\])/g, '$1');
}

function outermostOf(all: readonly Token[]): string | null {
  let tokens = all;
  for (let depth = 0; depth < 5 && tokens[0]?.text === '(' && closing(tokens, 0) === tokens.length - 1; depth += 1)
    tokens = tokens.slice(1, -1);
  const [first] = tokens;
  if (first?.kind !== 'name') return null;
  let open = 1;
  if (GROUPING.has(tokens[open]?.text ?? '') && tokens[open + 1]?.text === '(') open = closing(tokens, open + 1) + 1;
  if (tokens[open]?.text !== '(') return null;
  const close = closing(tokens, open);
  const behind = tokens[close + 1];
  const ends = behind === undefined || (GROUPING.has(behind.text) && closing(tokens, close + 2) === tokens.length - 1);
  return ends ? first.text.toLowerCase() : null;
}
