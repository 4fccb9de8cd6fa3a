/** A condition on a label. */
export interface Condition {
  label: string;
  operator: string;
  value: string | number;
}

/** `{…} |= "x" | json | status >= 400`. */
export interface LogExpression {
  type: 'log';
  matchers: readonly Condition[];
  stages: readonly (
    | { type: 'line'; operator: string; text: string }
    | { type: 'parser'; name: string }
    | { type: 'filter'; condition: Condition }
  )[];
}

/** The part of LogQL that the tests ask in. */
export type Expression =
  | LogExpression
  | { type: 'range'; name: string; of: LogExpression; seconds: number; offset: number }
  | { type: 'aggregation'; name: string; by: readonly string[] | null; count: number; of: Expression };

/** A query that Loki would refuse, in its words. */
export class QueryRefused extends Error {}

interface Token {
  kind: 'string' | 'duration' | 'number' | 'name' | 'sign' | 'end';
  text: string;
  column: number;
}

const TOKEN =
  /\s+|(?<string>"(?:[^"\\]|\\.)*"|`[^`]*`)|(?<duration>\d+(?:\.\d+)?(?:ns|us|ms|[smhdwy])(?:\d+(?:ns|us|ms|[smhdwy]))*)|(?<number>\d+(?:\.\d+)?)|(?<name>[a-zA-Z_]\w*)|(?<sign>\|=|\|~|!=|!~|=~|>=|<=|==|[\s\S])/gu;

const RANGES = new Set(['rate', 'count_over_time', 'bytes_rate', 'bytes_over_time']);
const AGGREGATIONS = new Set(['sum', 'count', 'avg', 'min', 'max', 'topk', 'bottomk']);
const UNITS: Readonly<Record<string, number>> = {
  ...{ ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 },
};

/** Reads a query. @throws {QueryRefused} with the words of Loki where they are recorded, else much like them */
export function parseLogql(query: string): Expression {
  const tokens = tokenize(query);
  let at = 0;
  const peek = (): Token => tokens[at] ?? { kind: 'end', text: '', column: query.length + 1 };
  const next = (): Token => {
    const token = peek();
    at += 1;
    return token;
  };
  const refuse = (token: Token, expecting = ''): never => {
    const what = token.kind === 'end' ? '$end' : token.kind === 'sign' ? token.text : NAMES[token.kind];
    throw new QueryRefused(`parse error at line 1, col ${token.column}: syntax error: unexpected ${what}${expecting}`);
  };
  const expect = (text: string, expecting = ''): void => {
    const token = next();
    if (token.text !== text || token.kind === 'string') refuse(token, expecting);
  };
  const string = (): string => {
    const token = next();
    return token.kind === 'string' ? unquote(token.text) : refuse(token, ', expecting STRING');
  };
  const duration = (): number => {
    const token = next();
    return token.kind === 'duration' ? secondsOf(token.text) : refuse(token);
  };
  const name = (): string => {
    const token = next();
    return token.kind === 'name' ? token.text : refuse(token);
  };

  function matchers(): Condition[] {
    const found: Condition[] = [];
    expect('{');
    for (;;) {
      const label = name();
      const operator = next();
      if (!['=', '!=', '=~', '!~'].includes(operator.text)) refuse(operator);
      found.push({ label, operator: operator.text, value: string() });
      if (peek().text !== ',') break;
      next();
    }
    expect('}', ', expecting } or ,');
    if (!found.some(demands)) throw new QueryRefused(NO_MATCHER);
    return found;
  }

  function log(): LogExpression {
    const stages: LogExpression['stages'][number][] = [];
    const found = matchers();
    for (;;) {
      const { text } = peek();
      if (['|=', '|~', '!=', '!~'].includes(text)) stages.push({ type: 'line', operator: next().text, text: string() });
      else if (text === '|') {
        next();
        const word = name();
        if (word === 'json' || word === 'logfmt') stages.push({ type: 'parser', name: word });
        else stages.push({ type: 'filter', condition: { label: word, operator: next().text, value: value() } });
      } else return { type: 'log', matchers: found, stages };
    }
  }

  function value(): string | number {
    const token = next();
    if (token.kind === 'string') return unquote(token.text);
    return token.kind === 'number' ? Number(token.text) : refuse(token);
  }

  function shift(): number {
    if (peek().text !== 'offset') return 0;
    next();
    return duration();
  }

  function labels(): string[] | null {
    if (peek().text !== 'by') return null;
    next();
    const found: string[] = [];
    expect('(');
    do found.push(name());
    while (next().text === ',');
    return found;
  }

  function expression(): Expression {
    const { kind, text } = peek();
    if (kind === 'name' && RANGES.has(text)) {
      next();
      expect('(');
      const of = log();
      expect('[');
      const seconds = duration();
      expect(']');
      const offset = shift();
      expect(')');
      return { type: 'range', name: text, of, seconds, offset };
    }
    if (kind === 'name' && AGGREGATIONS.has(text)) {
      next();
      const before = labels();
      expect('(');
      const count = peek().kind === 'number' ? Number(next().text) : 0;
      if (count > 0) expect(',');
      const of = expression();
      expect(')');
      return { type: 'aggregation', name: text, by: before ?? labels(), count, of };
    }
    return text === '{' ? log() : refuse(peek());
  }

  const found = expression();
  return peek().kind === 'end' ? found : refuse(peek());
}

const NAMES = { string: 'STRING', duration: 'DURATION', number: 'NUMBER', name: 'IDENTIFIER', sign: '', end: '$end' };
const NO_MATCHER =
  'parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible value. For instance, app=~".*" does not meet this requirement, but app=~".+" will';

function demands({ operator, value }: Condition): boolean {
  if (operator === '=') return value !== '';
  return operator === '=~' && !new RegExp(`^(?:${value})$`).test('');
}

function tokenize(query: string): Token[] {
  return [...query.matchAll(TOKEN)].flatMap(({ groups = {}, index }): Token[] => {
    const { string, duration, number, name, sign } = groups;
    const column = index + 1;
    if (string !== undefined) return [{ kind: 'string', text: string, column }];
    if (duration !== undefined) return [{ kind: 'duration', text: duration, column }];
    if (number !== undefined) return [{ kind: 'number', text: number, column }];
    if (name !== undefined) return [{ kind: 'name', text: name, column }];
    return sign === undefined ? [] : [{ kind: 'sign', text: sign, column }];
  });
}

function unquote(literal: string): string {
  return literal.startsWith('`') ? literal.slice(1, -1) : String(JSON.parse(literal));
}

function secondsOf(text: string): number {
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|ms|[smhdwy])/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (UNITS[unit] ?? 0),
    0,
  );
}
