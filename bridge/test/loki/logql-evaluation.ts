import { parseRecord } from '../../src/logs/log-record.ts';
import type { Condition, Expression, LogExpression } from './logql-syntax.ts';
import type { KeptLine } from './logs.ts';

type Labels = Readonly<Record<string, string>>;

/** A line that a log query left, with what its parsers took from it. */
export interface FoundLine extends KeptLine {
  parsed: Labels;
}

export interface Value {
  metric: Labels;
  value: number;
}

/** The lines from `start` to before `end` that a log query leaves, in the order in which they are kept. */
export function evaluateLines(all: readonly KeptLine[], of: LogExpression, start: bigint, end: bigint): FoundLine[] {
  return all
    .filter(({ time, labels }) => time >= start && time < end && matches(labels, of.matchers))
    .flatMap((line) => through(line, of) ?? []);
}

export function matches(labels: Labels, matchers: readonly Condition[]): boolean {
  return matchers.every((matcher) => meets(labels[matcher.label] ?? '', matcher));
}

/** The vector that a metric query comes to at a moment, by its labels. */
export function evaluateAt(all: readonly KeptLine[], expression: Expression, at: bigint): Value[] {
  if (expression.type === 'log') return [];
  if (expression.type === 'range') {
    const end = at - BigInt(Math.round(expression.offset * 1e9));
    const length = BigInt(Math.round(expression.seconds * 1e9));
    // A stretch has its end and leaves its beginning out; a window is the other way round.
    const lines = evaluateLines(all, expression.of, end - length + 1n, end + 1n);
    const groups = Map.groupBy(lines, (line) => keyOf({ ...line.labels, ...line.metadata, ...line.parsed }));
    return inOrder(
      [...groups.values()].map((group) => {
        const [first] = group;
        const bytes = group.reduce((sum, { line }) => sum + Buffer.byteLength(line), 0);
        const amount = expression.name.startsWith('bytes') ? bytes : group.length;
        const value = expression.name.endsWith('rate') ? amount / expression.seconds : amount;
        return { metric: { ...first?.labels, ...first?.metadata, ...first?.parsed }, value };
      }),
    );
  }
  const of = evaluateAt(all, expression.of, at);
  const { name, by, count } = expression;
  if (name === 'topk' || name === 'bottomk') {
    const sign = name === 'topk' ? -1 : 1;
    return of.toSorted((a, b) => sign * (a.value - b.value)).slice(0, count);
  }
  const keep = (metric: Labels) =>
    Object.fromEntries((by ?? []).flatMap((label) => (metric[label] === undefined ? [] : [[label, metric[label]]])));
  const groups = Map.groupBy(of, ({ metric }) => keyOf(keep(metric)));
  return inOrder(
    [...groups.values()].map((group) => ({
      metric: keep(group[0]?.metric ?? {}),
      value: aggregate(
        name,
        group.map(({ value }) => value),
      ),
    })),
  );
}

export function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function inOrder(values: Value[]): Value[] {
  return values.sort((a, b) => (keyOf(a.metric) < keyOf(b.metric) ? -1 : 1));
}

function aggregate(name: string, values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  if (name === 'count') return values.length;
  if (name === 'min') return Math.min(...values);
  if (name === 'max') return Math.max(...values);
  return name === 'avg' ? sum / values.length : sum;
}

function through(line: KeptLine, { stages }: LogExpression): FoundLine | null {
  let parsed: Labels = {};
  for (const stage of stages) {
    if (stage.type === 'parser') parsed = { ...parsed, ...fieldsOf(line.line, stage.name) };
    else if (stage.type === 'line') {
      const isRegex = stage.operator.endsWith('~');
      const found = isRegex ? goRegex(stage.text).test(line.line) : line.line.includes(stage.text);
      if (found === stage.operator.startsWith('!')) return null;
    } else {
      const { label } = stage.condition;
      if (!meets(parsed[label] ?? line.metadata[label] ?? line.labels[label] ?? '', stage.condition)) return null;
    }
  }
  return { ...line, parsed };
}

function fieldsOf(line: string, parser: string): Labels {
  if (parser === 'json' && !line.startsWith('{')) return { __error__: 'JSONParserErr' };
  const record = parseRecord(line);
  if (record === null) return {};
  const level = record.level === null ? {} : { level: record.level };
  return { ...level, msg: record.message, ...Object.fromEntries(record.fields) };
}

function meets(found: string, { operator, value }: Condition): boolean {
  switch (operator) {
    case '=':
    case '==':
      return found === String(value);
    case '!=':
      return found !== String(value);
    case '=~':
      return goRegex(`^(?:${value})$`).test(found);
    case '!~':
      return !goRegex(`^(?:${value})$`).test(found);
    case '>':
      return Number(found) > Number(value);
    case '>=':
      return Number(found) >= Number(value);
    case '<':
      return Number(found) < Number(value);
    default:
      return Number(found) <= Number(value);
  }
}

function goRegex(pattern: string): RegExp {
  return pattern.includes('(?i)') ? new RegExp(pattern.replaceAll('(?i)', ''), 'i') : new RegExp(pattern);
}
