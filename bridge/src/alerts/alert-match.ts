import { RE2JS, RE2JSException } from 're2js';
import { invalidArgument } from '../errors.ts';
import type { Labels } from '../upstreams/prometheus-result.ts';

/** What can be matched: labels with `alertname`, and what it says of itself. */
export interface Matchable {
  labels: Labels;
  annotations: Labels;
}

/**
 * What the argument `match` asks for: an alert's name where there is one of `names` (letter case aside), label matchers
 * (`namespace="shop", pod=~"cart-.*"`, also in braces, behind a name, or without quotes), else words that must all be in the
 * labels' values or the summary, letter case aside. Regular expressions are RE2's and match a whole value, as in Prometheus.
 * @throws {ToolError} `invalid_argument`
 */
export function parseMatch(text: string, names: ReadonlySet<string>): (alert: Matchable) => boolean {
  const wanted = text.trim().toLowerCase();
  const exact = [...names].some((name) => name.toLowerCase() === wanted);
  if (exact) return ({ labels }) => labels.alertname?.toLowerCase() === wanted;
  if (/[{}=~"]/.test(text)) return matchers(text);
  const words = wanted.split(/\s+/);
  return ({ labels, annotations }) => {
    const said = [...Object.values(labels), annotations.summary ?? ''].join('\n').toLowerCase();
    return words.every((word) => said.includes(word));
  };
}

const NAME_AND_BRACES = /^\s*([a-zA-Z_:][\w:]*)?\s*\{(.*)\}\s*$/s;
const MATCHER = /\s*([a-zA-Z_][\w.]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|'[^']*'|`[^`]*`|[^\s,"'`{}]+)\s*(?:,|$)/y;

type Test = (labels: Labels) => boolean;

function matchers(text: string): (alert: Matchable) => boolean {
  const [, name, inside = text] = NAME_AND_BRACES.exec(text) ?? [];
  const tests: Test[] = name === undefined ? [] : [({ alertname }) => alertname === name];
  MATCHER.lastIndex = 0;
  while (inside.slice(MATCHER.lastIndex).trim() !== '') {
    const from = MATCHER.lastIndex;
    const [, label = '', operator = '', quoted = ''] = MATCHER.exec(inside) ?? [];
    if (label === '')
      throw invalidArgument(
        'match',
        `no label matcher at ${JSON.stringify(inside.slice(from, from + 40))}`,
        'Like namespace="shop", pod=~"cart-.*"; an alert name or words also do.',
      );
    tests.push(matcher(label, operator, unquote(quoted)));
  }
  return ({ labels }) => tests.every((test) => test(labels));
}

/** A label that is absent is as one that is empty. */
function matcher(label: string, operator: string, value: string): Test {
  if (operator === '=') return (labels) => (labels[label] ?? '') === value;
  if (operator === '!=') return (labels) => (labels[label] ?? '') !== value;
  const expression = compile(value);
  return (labels) => expression.test(labels[label] ?? '') === (operator === '=~');
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(`^(?s:${pattern})$`);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw invalidArgument('match', `${JSON.stringify(pattern)} is no regular expression: ${error.message}`);
  }
}

function unquote(text: string): string {
  if (text.startsWith('"')) return text.slice(1, -1).replace(/\\(.)/gs, '$1');
  return /^['`]/.test(text) ? text.slice(1, -1) : text;
}
