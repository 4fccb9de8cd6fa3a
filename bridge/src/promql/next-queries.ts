import type { NextCall } from '../answer.ts';
import { showDuration } from '../format.ts';
import type { Labels } from '../upstreams/prometheus-result.ts';
import { type ExpressionOutline, selectorText } from './expression-outline.ts';
import { bestGrouping } from './label-layout.ts';
import type { RangePlan } from './range-plan.ts';

/** What was asked, and how it came to the result that queries are proposed for. */
export interface AskedQuery {
  outline: ExpressionOutline;
  /** Null for one moment. */
  plan: RangePlan | null;
  limit: number;
  /** Arguments of the call besides `expr`, for the calls that are proposed. */
  again: Readonly<Record<string, string | number>>;
}

/** What the result of an expression is made of. */
export interface ResultShape {
  labels: readonly Labels[];
  /** Series of raw samples, as a range selector gives them: nothing can be computed of them as they are. */
  raw: boolean;
  native: boolean;
}

/** Above so many rows the budget of an answer may cut some, so a narrower query is always proposed. */
const MANY_ROWS = 100;
/** Rows that a proposed query is meant to give; what a call shows unless told otherwise. */
const PROPOSED_ROWS = 20;

/** Queries to go on with: quantiles of histograms; where rows were cut, one that groups them and one that gives the first only. */
export function nextQueries(shape: ResultShape, asked: AskedQuery): NextCall[] {
  const { labels } = shape;
  const cut = labels.length > 1 && (labels.length > asked.limit || asked.limit > MANY_ROWS);
  const quantiles = shape.native ? nativeQuantile(asked) : classicQuantile(labels, asked);
  const narrower = cut && quantiles.length === 0 ? [grouped(shape, asked), ...topOf(shape, asked)] : [];
  return [...quantiles, ...narrower].map((expr) => ({ tool: 'promql.query', arguments: { expr, ...asked.again } }));
}

/** A query that gives the highest series of an expression only. */
export function highestOf(expr: string): string {
  return `topk(${PROPOSED_ROWS}, ${expr})`;
}

function grouped({ labels, raw }: ResultShape, { outline, limit }: AskedQuery): string {
  const text = raw ? `last_over_time(${outline.text})` : outline.text;
  // Different metrics have different units: only their number can be put together.
  if (new Set(labels.map((each) => each.__name__)).size > 1) return `count by (__name__) (${text})`;
  const best = bestGrouping(labels, Math.min(Math.max(limit, PROPOSED_ROWS), MANY_ROWS));
  // The highest are on the table already: what nothing puts together still has another end.
  if (best === null) return `bottomk(${PROPOSED_ROWS}, ${text})`;
  // A sum of sums is one sum: the label is one of those that the inner one keeps.
  const summed = outline.outermost === 'sum' ? /^sum by ?\([^()]*\) ?\((.*)\)$/s.exec(text)?.[1] : undefined;
  const expr = `${isAdditive(outline) ? 'sum' : 'max'} by (${labelName(best.label)}) (${summed ?? text})`;
  return best.groups > MANY_ROWS ? highestOf(expr) : expr;
}

/** The longest a proposal may get; it says nothing that a reader of a long expression could not write. */
const MAX_PROPOSAL = 160;

/** The series on the table and no others, which costs the server and the way here less. */
function topOf({ labels, raw }: ResultShape, { outline, plan, limit }: AskedQuery): string[] {
  const { text, outermost, only } = outline;
  if (/^(?:topk|bottomk|limitk|limit_ratio|sort.*)$/.test(outermost ?? '')) return [];
  if (new Set(labels.map((each) => each.__name__)).size > 1) return [];
  const most = Math.min(limit, PROPOSED_ROWS);
  if (plan === null) return brief(`topk(${most}, ${raw ? `last_over_time(${text})` : text})`);
  // topk chooses anew at every step; this chooses once, by the highest value of the whole range.
  const range = showDuration(plan.end - plan.start, 5);
  const end = text.includes('@') ? '' : ' @ end()';
  if (only !== null)
    return brief(`${text} and topk(${most}, max_over_time(${selectorText(only)}[${range}]${only.shift}${end}))`);
  const operand = outermost === null ? `(${text})` : text;
  const stretch = `[${range}:${showDuration(plan.step, 5)}]`;
  return brief(`${operand} and topk(${most}, max_over_time(${operand}${stretch}${end}))`);
}

function brief(expr: string): string[] {
  return expr.length > MAX_PROPOSAL ? [] : [expr];
}

const ADDITIVE_FUNCTIONS = new Set(['rate', 'irate', 'increase', 'delta', 'idelta', 'sum', 'count', 'sum_over_time']);

/** Whether values may be added up: amounts and their rates, not ratios, ages or quantiles. */
function isAdditive({ only, outermost }: ExpressionOutline): boolean {
  if (only !== null) return /_(?:total|bytes|count|sum|bucket)$/.test(only.metric ?? '');
  return ADDITIVE_FUNCTIONS.has(outermost ?? '');
}

const RATED = new Set(['rate', 'increase', 'irate']);

/** The quantile that somebody who looks at the buckets of classic histograms is after, by what tells the histograms apart. */
function classicQuantile(labels: readonly Labels[], { outline }: AskedQuery): string[] {
  const [selector, ...others] = outline.selectors;
  const buckets = selector?.metric?.endsWith('_bucket') === true && labels.every((each) => 'le' in each);
  if (!buckets || others.length > 0) return [];
  if (outline.outermost === 'sum') return [`histogram_quantile(0.95, ${outline.text})`];
  const rated = RATED.has(outline.outermost ?? '');
  if (!rated && outline.only === null) return [];
  const inner = rated ? outline.text : `rate(${selectorText(selector)}[5m]${selector.shift})`;
  const bounds = new Set(labels.map(({ le }) => le)).size;
  // One histogram, or several that lack a bucket here and there, has a label at its bounds as often as there are series.
  const best = labels.length > bounds ? bestGrouping(labels, MANY_ROWS) : null;
  const by = best === null ? 'le' : `le, ${labelName(best.label)}`;
  const expr = `histogram_quantile(0.95, sum by (${by}) (${inner}))`;
  return [best !== null && best.groups > PROPOSED_ROWS ? highestOf(expr) : expr];
}

/** How a quantile went over the range; of a counter at one moment, what it was lately. */
function nativeQuantile({ outline, plan }: AskedQuery): string[] {
  const { only, outermost, text } = outline;
  if (only !== null && only.window === null)
    return [`histogram_quantile(0.99, sum(rate(${selectorText(only)}[5m]${only.shift})))`];
  return plan !== null && (RATED.has(outermost ?? '') || outermost === 'sum')
    ? [`histogram_quantile(0.99, ${text})`]
    : [];
}

/** A label as it stands in an expression: quoted where it is no identifier, as Prometheus 3 has it. */
function labelName(label: string): string {
  return /^[a-zA-Z_]\w*$/.test(label) ? label : JSON.stringify(label);
}
