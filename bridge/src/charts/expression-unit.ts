/** What the values of an expression are measured in. `ratio` is 1 for all, `percent` 100; null is not known. */
export type Measure = 'bytes' | 'seconds' | 'ratio' | 'percent' | null;

export interface Unit {
  measure: Measure;
  perSecond: boolean;
}

/** While reading: `timestamp` and `count` make other units where they meet their like. */
interface Dimension {
  measure: Measure | 'timestamp' | 'count';
  /** How many times it was divided by time. */
  rates: number;
}

const UNKNOWN: Dimension = { measure: null, rates: 0 };
const TOKEN =
  /\s+|#[^\n]*|(?<token>[a-zA-Z_:][\w:]*|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|`[^`]*`?|\d[\w.]*|=~|!~|!=|==|>=|<=|.)/gs;

/** Binary operators, the loosest first (https://prometheus.io/docs/prometheus/latest/querying/operators/). */
const LEVELS: readonly RegExp[] = [
  /^(?:or)$/i,
  /^(?:and|unless)$/i,
  /^(?:==|!=|<=|>=|<|>)$/,
  /^[+-]$/,
  /^(?:[*/%]|atan2)$/i,
  /^\^$/,
];
const MODIFIER = /^(?:by|without|on|ignoring|group_left|group_right)$/i;
const KEEPS =
  /^(?:sum|min|max|avg|topk|bottomk|limitk|limit_ratio|quantile|stddev|sort.*|abs|ceil|floor|round|clamp.*|label_.*|last_over_time|first_over_time|min_over_time|max_over_time|avg_over_time|sum_over_time|quantile_over_time|stddev_over_time|increase|delta|idelta|predict_linear|.*smoothing|scalar|vector|histogram_avg|histogram_quantile)$/i;
const RATES = /^(?:rate|irate|deriv)$/i;
const COUNTS = /^(?:count|count_values|count_over_time|changes|resets|group|histogram_count)$/i;
/** Deep enough for any expression that people write; others have no unit. */
const MAX_DEPTH = 40;

/**
 * What an expression's values are measured in, told from the suffixes of its metrics
 * (https://prometheus.io/docs/practices/naming/#base-units) and what its functions and operators make of them. Whatever is not
 * told for certain has no unit.
 */
export function unitOf(expr: string): Unit {
  const tokens = [...expr.matchAll(TOKEN)].flatMap(({ groups }) => (groups?.token === undefined ? [] : [groups.token]));
  const { measure, rates } = dimensionOf(tokens, 0);
  const known = measure === 'timestamp' || measure === 'count' ? null : measure;
  if (rates !== 0 && rates !== 1) return { measure: null, perSecond: false };
  return { measure: known, perSecond: rates === 1 };
}

function dimensionOf(tokens: readonly string[], depth: number): Dimension {
  if (depth > MAX_DEPTH || tokens.length === 0) return UNKNOWN;
  for (const level of LEVELS) {
    const at = lastAtTop(tokens, level);
    if (at > 0) {
      const left = tokens.slice(0, at);
      const right = withoutMatching(tokens.slice(at + 1));
      return combine(tokens[at] ?? '', left, right, depth + 1);
    }
  }
  const [first = '', second = ''] = tokens;
  if (first === '-' || first === '+') return dimensionOf(tokens.slice(1), depth + 1);
  if (first === '(') return dimensionOf(tokens.slice(1, closing(tokens, 0)), depth + 1);
  if (isNumber(first)) return UNKNOWN;
  if (second === '(' || MODIFIER.test(second)) return called(tokens, depth + 1);
  return /^[a-zA-Z_:]/.test(first) ? suffixOf(first) : UNKNOWN;
}

function combine(operator: string, left: readonly string[], right: readonly string[], depth: number): Dimension {
  const [a, b] = [dimensionOf(left, depth), dimensionOf(right, depth)];
  if (/^(?:atan2|\^)$/i.test(operator)) return UNKNOWN;
  if (!/^[-+*/%]$/.test(operator)) return right[0] === 'bool' ? UNKNOWN : a;
  if (operator === '+' || operator === '-') {
    if (a.measure === 'timestamp' && b.measure === 'timestamp' && operator === '-')
      return { measure: 'seconds', rates: 0 };
    if (isConstant(left)) return b;
    return isConstant(right) || sameAs(a, b) ? a : UNKNOWN;
  }
  if (operator === '*') {
    if (isConstant(right)) return scaled(a, right);
    return isConstant(left) ? scaled(b, left) : UNKNOWN;
  }
  if (operator === '%' || isConstant(right)) return UNKNOWN;
  if (sameAs(a, b)) return a.measure === null ? UNKNOWN : { measure: 'ratio', rates: 0 };
  return b.measure === 'count' ? { measure: a.measure, rates: a.rates - b.rates } : UNKNOWN;
}

/** A hundred times a share, or seconds of a second, are percent. Any other factor makes another unit. */
function scaled({ measure, rates }: Dimension, factor: readonly string[]): Dimension {
  const share = (measure === 'ratio' && rates === 0) || (measure === 'seconds' && rates === 1);
  return share && factor.length === 1 && Number(factor[0]) === 100 ? { measure: 'percent', rates: 0 } : UNKNOWN;
}

function called(tokens: readonly string[], depth: number): Dimension {
  const name = tokens[0] ?? '';
  // sum by (a) (…) and sum(…) by (a): the list of labels is no argument.
  const open = MODIFIER.test(tokens[1] ?? '') ? closing(tokens, 2) + 1 : 1;
  if (/^(?:time|timestamp)$/i.test(name)) return { measure: 'timestamp', rates: 0 };
  if (COUNTS.test(name)) return { measure: 'count', rates: 0 };
  const given = argumentsOf(tokens.slice(open + 1, closing(tokens, open)));
  // The parameter of a quantile or of topk is a number; what is measured stands beside it.
  const argument = given.find((each) => !isConstant(each) && !/^["'`]/.test(each[0] ?? '')) ?? [];
  const { measure, rates } = dimensionOf(argument, depth);
  if (RATES.test(name)) return { measure, rates: rates + 1 };
  if (/^histogram_(?:quantile|avg)$/i.test(name)) return { measure: measure === 'count' ? null : measure, rates: 0 };
  return KEEPS.test(name) ? { measure, rates } : UNKNOWN;
}

function suffixOf(metric: string): Dimension {
  // level:metric:operations, as recording rules are named.
  const parts = metric.split(':');
  const name = parts.length > 2 ? (parts.at(-2) ?? '') : metric;
  const rates = parts.length > 2 && /(?:^|_)i?rate(?:\d|$)/.test(parts.at(-1) ?? '') ? 1 : 0;
  if (/_(?:timestamp|start_time|boot_time|unixtime)_seconds$|_created$/.test(name))
    return { measure: 'timestamp', rates };
  const [, unit] = /_(bytes|seconds|ratio|percent)(?:_total|_sum|_bucket|_max|_min|_avg)?$/.exec(name) ?? [];
  if (unit === 'bytes' || unit === 'seconds' || unit === 'ratio' || unit === 'percent') return { measure: unit, rates };
  return { measure: /_(?:total|count)$/.test(name) ? 'count' : null, rates };
}

function sameAs(a: Dimension, b: Dimension): boolean {
  return a.measure === b.measure && a.rates === b.rates;
}

function isConstant(tokens: readonly string[]): boolean {
  return tokens.length > 0 && tokens.every((token) => isNumber(token) || /^[-+*/^()]$/.test(token));
}

function isNumber(token: string): boolean {
  return /^(?:\d|inf$|nan$)/i.test(token);
}

/** Where the last such operator stands outside of all brackets, after what it is applied to; -1 when there is none. */
function lastAtTop(tokens: readonly string[], operator: RegExp): number {
  let found = -1;
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] ?? '';
    if (/^[([{]$/.test(token)) at = closing(tokens, at);
    else if (
      at > 0 &&
      operator.test(token) &&
      !/^(?:[-+*/%^<>]|[=!<>]=|and|or|unless|offset|@)$/i.test(tokens[at - 1] ?? '')
    )
      found = at;
  }
  return found;
}

function closing(tokens: readonly string[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    if (/^[([{]$/.test(tokens[at] ?? '')) depth += 1;
    else if (/^[)\]}]$/.test(tokens[at] ?? '')) depth -= 1;
    if (depth === 0) return at;
  }
  return tokens.length;
}

/** The right side of an operator without `on (…) group_left (…)`. */
function withoutMatching(tokens: readonly string[]): readonly string[] {
  let rest = tokens;
  while (MODIFIER.test(rest[0] ?? '')) rest = rest[1] === '(' ? rest.slice(closing(rest, 1) + 1) : rest.slice(1);
  return rest;
}

function argumentsOf(tokens: readonly string[]): string[][] {
  const given: string[][] = [[]];
  for (let at = 0; at < tokens.length; at += 1) {
    const end = /^[([{]$/.test(tokens[at] ?? '') ? Math.min(closing(tokens, at), tokens.length - 1) : at;
    if (tokens[at] === ',') given.push([]);
    else given.at(-1)?.push(...tokens.slice(at, end + 1));
    at = end;
  }
  return given;
}
