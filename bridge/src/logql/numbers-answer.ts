import type { NextCall, Table } from '../answer.ts';
import { showDuration } from '../format.ts';
import { bestGrouping } from '../promql/label-layout.ts';
import type { ResultAnswer } from '../promql/present-result.ts';
import { planRange, type RangePlan } from '../promql/range-plan.ts';
import { choiceNote, summarizeResult } from '../promql/result-summary.ts';
import { type Order, rangeTable, valueTable } from '../promql/series-table.ts';
import type { LokiAnswer, LokiWindow } from '../upstreams/loki.ts';
import type { QueryResult } from '../upstreams/prometheus-result.ts';
import { showCost } from './lines-answer.ts';
import { dateOf, nanosecondsOf } from './nanoseconds.ts';
import type { QueryOutline } from './query-outline.ts';
import { lengthOf } from './query-window.ts';

/** When a metric query is evaluated: at steps of a range, or once, at the end of the window, where `plan` is null. */
export interface NumbersPlan {
  plan: RangePlan | null;
  /** `range 1h, step 1m`. */
  text: string;
  asOf: Date;
}

/**
 * How to evaluate a metric query over a window. A stretch in it that is as long as the window says it all at once; so does any
 * longer one where the caller named no window. Steps lie on their multiples, where Loki puts them anyway, the last one within the
 * window: one behind its end would count less than a whole stretch.
 */
export function planNumbers(query: QueryOutline, window: LokiWindow, isNamed: boolean): NumbersPlan {
  const length = lengthOf(window);
  const longest = query.windows.toSorted((a, b) => b.seconds - a.seconds)[0];
  const asOf = dateOf(window.end);
  if (longest !== undefined && (longest.seconds === length || (!isNamed && longest.seconds > length)))
    return { plan: null, text: `over [${longest.text}]`, asOf };
  const { step, notes } = planRange({ range: `${length}s`, end: asOf });
  const end = Math.floor(asOf.getTime() / 1000 / step) * step;
  const steps = Math.max(1, Math.floor(length / step + 1e-9));
  const plan = { start: end - steps * step, end, step, notes };
  return {
    plan,
    text: `range ${showDuration(steps * step, 5)}, step ${showDuration(step, 5)}`,
    asOf: new Date(end * 1000),
  };
}

/** The window that a plan reads, without what its stretches read before it. */
export function windowOf({ start, end }: RangePlan): LokiWindow {
  return { start: nanosecondsOf(new Date(start * 1000)), end: nanosecondsOf(new Date(end * 1000)) };
}

/** The series of a metric query, the highest first, with their figures over the range. */
export function presentNumbers(
  { statistics, warnings }: LokiAnswer,
  result: QueryResult,
  asked: { query: QueryOutline; plan: RangePlan | null; limit: number; again: NextCall['arguments'] },
): ResultAnswer {
  const { query, plan, limit } = asked;
  const table = tableOf(result, asked);
  const choice = plan === null ? null : choiceNote(query.outermost);
  return {
    summary: `${summarizeResult(result)}${showCost(statistics)}`,
    tables: table === null || table.rows.length === 0 ? [] : [table],
    notes: [
      ...shortStretch(query, plan),
      ...(choice === null ? [] : [choice]),
      ...warnings.map((words) => `Loki warns: ${words}`),
    ],
    next: (table?.total ?? 0) > limit ? narrower(result, asked) : [],
  };
}

function tableOf(
  result: QueryResult,
  { query, plan, limit }: { query: QueryOutline; plan: RangePlan | null; limit: number },
): Table | null {
  const order = orderOf(query, result.type === 'matrix');
  if (result.type === 'vector') {
    const values = result.samples.flatMap(({ labels, value }) => (value === null ? [] : [{ labels, value }]));
    return valueTable(values, order, limit);
  }
  return result.type === 'matrix' ? rangeTable(result.series, order, limit, { plan, points: 0 }) : null;
}

function orderOf({ outermost }: QueryOutline, isRange: boolean): Order {
  if (isRange) return outermost === 'bottomk' || outermost === 'sort' ? 'lowest' : 'highest';
  return /^(?:sort|sort_desc|topk|bottomk|approx_topk)$/.test(outermost ?? '') ? 'given' : 'highest';
}

function shortStretch({ windows }: QueryOutline, plan: RangePlan | null): string[] {
  const short = windows.find(({ seconds }) => plan !== null && seconds < plan.step);
  if (short === undefined || plan === null) return [];
  const step = showDuration(plan.step, 5);
  return [`[${short.text}] is shorter than the step of ${step}: lines between are not counted; [${step}] counts all.`];
}

const ADDITIVE =
  /^(?:sum|count|rate|count_over_time|bytes_rate|bytes_over_time|sum_over_time|rate_counter|absent_over_time)$/;
const MOST_SHOWN = 100;

/** Queries with fewer series, or the same with all of them. */
function narrower(
  result: QueryResult,
  { query, again, limit }: { query: QueryOutline; limit: number; again: NextCall['arguments'] },
): NextCall[] {
  if (result.type !== 'vector' && result.type !== 'matrix') return [];
  const labels =
    result.type === 'vector' ? result.samples.map((each) => each.labels) : result.series.map((each) => each.labels);
  const best = bestGrouping(labels, Math.max(limit, MOST_SHOWN));
  const add = ADDITIVE.test(query.outermost ?? '') ? 'sum' : 'max';
  // A label that every series has a value of its own for puts nothing together.
  const grouped =
    best === null || best.groups >= labels.length - 1
      ? []
      : [{ ...again, logql: `${add} by (${best.label}) (${query.text})` }];
  const more = labels.length <= MOST_SHOWN ? [{ ...again, limit: labels.length }] : [];
  return [...grouped, ...more].map((args) => ({ tool: 'loki.query', arguments: args }));
}
