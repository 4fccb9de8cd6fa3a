import { ToolError } from '../errors.ts';
import { showDuration } from '../format.ts';
import { nearestNames } from '../nearest-names.ts';
import type { Prometheus } from '../upstreams/prometheus.ts';
import type { Sample } from '../upstreams/prometheus-result.ts';
import { type ExpressionOutline, type Selector, selectorText } from './expression-outline.ts';

/** The longest that looking for hints may take, milliseconds. */
const PATIENCE_MS = 3000;
const MAX_SELECTORS = 4;
const MAX_MATCHERS = 6;
const NEAREST = 5;
/** Puts a mark on the series of one question, so that several fit into one query. */
const MARK = 'telemcp_asked';

/**
 * Why an expression may have given nothing, from what Prometheus has: a metric that is not there and what it may have been
 * meant for, when it was last seen, targets that are down, the matcher that matches nothing. At most three small queries;
 * a failed one only means fewer hints.
 */
export async function emptyHints(
  outline: ExpressionOutline,
  time: number,
  prometheus: Prometheus,
  signal: AbortSignal,
): Promise<string[]> {
  const selectors = outline.selectors.slice(0, MAX_SELECTORS);
  if (selectors.length === 0) return [];
  const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  const ask = (expr: string) => askMarked(prometheus, expr, time, patience);
  try {
    const found = await ask(
      selectors
        .flatMap((selector, index) => [
          counted(selector, `all${index}`),
          ...(selector.metric === null || selector.matchers.length === 0
            ? []
            : [counted({ ...selector, matchers: [] }, `metric${index}`)]),
        ])
        .join(' or '),
    );
    const empty = selectors.findIndex((_, index) => !found.has(`all${index}`));
    const selector = selectors[empty];
    if (selector === undefined) return [explainOperations(outline, found)];
    const { metric } = selector;
    if (metric === null || found.has(`metric${empty}`))
      return await explainMatchers(selector, found.get(`metric${empty}`), prometheus, ask, patience);
    return await explainMetric(metric, selector, time, prometheus, ask, patience);
  } catch (error) {
    if (error instanceof ToolError) return [];
    throw error;
  }
}

type Ask = (expr: string) => Promise<ReadonlyMap<string, number>>;

function explainOperations({ selectors }: ExpressionOutline, found: ReadonlyMap<string, number>): string {
  const [first] = selectors;
  const counts = selectors.flatMap((selector, index) => {
    const count = found.get(`all${index}`);
    return count === undefined ? [] : [`${selectorText(selector)} selects ${series(count)}`];
  });
  const window =
    selectors.length === 1 && typeof first?.window === 'string'
      ? ` A window of ${first.window} must hold two samples for rate and its like.`
      : '';
  return `${counts.join(', ')}; so a comparison, join or function leaves nothing.${window}`;
}

async function explainMatchers(
  selector: Selector,
  all: number | undefined,
  prometheus: Prometheus,
  ask: Ask,
  signal: AbortSignal,
): Promise<string[]> {
  const what = selector.metric === null ? '' : `${selector.metric} has ${series(all ?? 0)}, `;
  const tried = selector.matchers.slice(0, MAX_MATCHERS).map((matcher, index) => {
    const others = { ...selector, matchers: selector.matchers.filter((_, at) => at !== index) };
    return { matcher, others, everything: others.metric === null && others.matchers.length === 0 };
  });
  const questions = tried.flatMap(({ others, everything }, index) =>
    everything ? [] : [counted(others, `without${index}`)],
  );
  const found = questions.length === 0 ? new Map<string, number>() : await ask(questions.join(' or '));
  const guilty = tried.flatMap((each, index) => {
    const count = found.get(`without${index}`);
    return each.everything || count !== undefined ? [{ ...each, count: count ?? 0 }] : [];
  });
  const [first, ...others] = guilty;
  if (first === undefined) return [`${what}but several conditions of ${selectorText(selector)} match nothing.`];
  if (others.length > 0) {
    const counts = guilty.map(({ matcher, count }) => `without ${matcher.text}: ${count}`);
    return [`${what}but none that meets all conditions; ${counts.join(', ')}.`];
  }
  const { label, value, text } = first.matcher;
  const match = first.everything ? {} : { match: selectorText(first.others) };
  const values = await prometheus.labelValues(label, match, signal);
  const near = nearestNames(value, values, NEAREST);
  const named = near.length > 0 ? near : values.slice(0, NEAREST);
  const more = values.length > named.length ? ` (of ${values.length})` : '';
  const known = named.length === 0 ? `no series has the label ${label}` : `${label} there: ${named.join(', ')}${more}`;
  return [`${what}${what === '' ? 'no series' : 'but none'} with ${text}; ${known}.`];
}

async function explainMetric(
  metric: string,
  selector: Selector,
  time: number,
  prometheus: Prometheus,
  ask: Ask,
  signal: AbortSignal,
): Promise<string[]> {
  const names = await prometheus.labelValues('__name__', {}, signal);
  const known = names.includes(metric);
  const asked = `${selectorText({ ...selector, matchers: [] })}${selector.shift}`;
  // Every 5m, which is how long Prometheus takes a sample for current: none falls between two looks.
  const lastSeen = marked(`max(max_over_time(timestamp(${asked})[6h:5m]))`, 'seen');
  const down = marked('count(up == 0)', 'down');
  const found = await ask(known ? `${lastSeen} or ${down}` : down);
  const hints: string[] = [];
  if (known) {
    const seen = found.get('seen');
    hints.push(
      seen === undefined
        ? `${asked} is known, but has no sample in the 6h before that time.`
        : `${asked} was last seen at ${new Date(seen * 1000).toISOString().slice(0, 19)}Z, ${showDuration(Math.round(time - seen))} before that time.`,
    );
  } else {
    const near = nearestNames(metric, names, NEAREST);
    hints.push(`no metric ${metric} among ${names.length}${near.length === 0 ? '' : `; near it: ${near.join(', ')}`}.`);
  }
  const downCount = found.get('down');
  if (downCount !== undefined)
    hints.push(`${downCount} scrape target${downCount === 1 ? ' is' : 's are'} down: up == 0.`);
  return hints;
}

function counted(selector: Selector, mark: string): string {
  return marked(`count(${selectorText(selector)}${selector.shift})`, mark);
}

function marked(expr: string, mark: string): string {
  return `label_replace(${expr}, "${MARK}", "${mark}", "", "")`;
}

async function askMarked(
  prometheus: Prometheus,
  expr: string,
  time: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const { result } = await prometheus.query(expr, { time }, signal);
  const samples: readonly Sample[] = result.type === 'vector' ? result.samples : [];
  return new Map(samples.map(({ labels, value }) => [labels[MARK] ?? '', value ?? 0]));
}

function series(count: number): string {
  return count === 1 ? '1 series' : `${count} series`;
}
