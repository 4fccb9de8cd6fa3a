import { countOf, listNames } from '../brief-text.ts';
import { showDuration } from '../format.ts';
import { nearestNames } from '../nearest-names.ts';
import type { Prometheus } from '../upstreams/prometheus.ts';
import { aside } from './aside.ts';
import { type ExpressionOutline, type Matcher, type Selector, selectorText } from './expression-outline.ts';
import { LOOKED, lastSeen, type Moment, type Trace, targetHealth } from './last-seen.ts';
import { askMarked, counted } from './marked-questions.ts';
import { shownLabel } from './secret-labels.ts';

/** The longest that looking for hints may take, milliseconds. */
const PATIENCE_MS = 3000;
const MAX_SELECTORS = 4;
const MAX_MATCHERS = 6;
const NEAREST = 5;

/**
 * Why an expression may have given nothing, from what Prometheus has: a metric that is not there and what it may have been
 * meant for, when it was last seen, targets that are down, the matcher that matches nothing. A handful of small questions;
 * a failed one only means fewer hints.
 */
export async function emptyHints(
  outline: ExpressionOutline,
  moment: Moment,
  prometheus: Prometheus,
  signal: AbortSignal,
): Promise<string[]> {
  const hints: string[] = [];
  const selectors = outline.selectors.slice(0, MAX_SELECTORS);
  if (selectors.length > 0)
    await aside(PATIENCE_MS, signal, (patience) =>
      explain(selectors, { moment, prometheus, signal: patience, say: (hint) => hints.push(hint) }),
    );
  return [...hints];
}

interface Asking {
  moment: Moment;
  prometheus: Prometheus;
  signal: AbortSignal;
  /** Takes a hint as soon as it is known, so that those before a failure are kept. */
  say(hint: string): void;
}

function ask(
  questions: readonly string[],
  { moment, prometheus, signal }: Asking,
): Promise<ReadonlyMap<string, number>> {
  return askMarked(prometheus, questions, moment.time, signal);
}

async function explain(selectors: readonly Selector[], asking: Asking): Promise<void> {
  const questions = selectors.flatMap((selector, index) => [
    counted(selector, `all${index}`),
    ...(selector.metric === null || selector.matchers.length === 0
      ? []
      : [counted({ ...selector, matchers: [] }, `metric${index}`)]),
  ]);
  const found = await ask(questions, asking);
  const empty = selectors.findIndex((_, index) => !found.has(`all${index}`));
  const selector = selectors[empty];
  if (selector === undefined) explainOperations(selectors, found, asking);
  else if (selector.metric === null || found.has(`metric${empty}`))
    await explainMatchers(selector, found.get(`metric${empty}`) ?? 0, asking);
  else await explainMetric(selector.metric, selector, asking);
}

function explainOperations(selectors: readonly Selector[], found: ReadonlyMap<string, number>, { say }: Asking): void {
  const [first] = selectors;
  const counts = selectors.flatMap((selector, index) => {
    const count = found.get(`all${index}`);
    return count === undefined ? [] : [`${selectorText(selector)} selects ${series(count)}`];
  });
  say(`${counts.join(', ')}; so a comparison, join or function leaves nothing.`);
  if (selectors.length === 1 && typeof first?.window === 'string')
    say(`A window of ${first.window} must hold two samples for rate and its like.`);
}

async function explainMatchers(selector: Selector, all: number, asking: Asking): Promise<void> {
  const { say } = asking;
  const what = selector.metric === null ? '' : `${selector.metric} has ${series(all)}, `;
  const tried = selector.matchers.slice(0, MAX_MATCHERS).map((matcher, index) => {
    const others = { ...selector, matchers: selector.matchers.filter((_, at) => at !== index) };
    return { matcher, others, everything: others.metric === null && others.matchers.length === 0 };
  });
  const questions = tried.flatMap(({ others, everything }, index) =>
    everything ? [] : [counted(others, `without${index}`)],
  );
  const found = await ask(questions, asking);
  const guilty = tried.flatMap((each, index) => {
    const count = found.get(`without${index}`);
    return each.everything || count !== undefined ? [{ ...each, count: count ?? 0 }] : [];
  });
  const [first, ...others] = guilty;
  if (first === undefined) {
    say(`${what}but several conditions of ${selectorText(selector)} match nothing.`);
  } else if (others.length > 0) {
    const counts = guilty.map(({ matcher, count }) => `without ${matcher.text}: ${count}`);
    say(`${what}but none that meets all conditions; ${counts.join(', ')}.`);
  } else {
    const missing = `${what}${what === '' ? 'no series' : 'but none'} with ${first.matcher.text}`;
    const within = first.everything ? null : selectorText(first.others);
    await explainValue(selector, first.matcher, missing, within, asking);
  }
}

/** One matcher alone is to blame: its value was there before, or never. */
async function explainValue(
  selector: Selector,
  { label, operator, value }: Matcher,
  missing: string,
  within: string | null,
  asking: Asking,
): Promise<void> {
  const { moment, prometheus, signal, say } = asking;
  // The series of several metrics lose their names under a function, and are then the same.
  const trace = selector.metric === null ? null : await lastSeen(selector, moment, prometheus, signal);
  if (trace !== null) {
    say(`${missing}; ${seenText(trace, moment)}.`);
    await sayHealth(selector, trace, asking);
    return;
  }
  const values = await prometheus.labelValues(label, within === null ? {} : { match: within }, signal);
  // What excludes values is not near any.
  const near = operator.startsWith('!') ? [] : nearestNames(value, values, NEAREST);
  const named = near.length > 0 ? near : values.slice(0, NEAREST);
  const more = values.length > named.length ? ` (of ${values.length})` : '';
  const known =
    named.length === 0
      ? `no series has the label ${label}`
      : `${label} there: ${named.map((each) => shownLabel(label, each)).join(', ')}${more}`;
  say(`${missing}; ${known}.`);
}

async function explainMetric(metric: string, selector: Selector, asking: Asking): Promise<void> {
  const { moment, prometheus, signal, say } = asking;
  const names = await prometheus.labelValues('__name__', {}, signal);
  if (!names.includes(metric)) {
    const near = nearestNames(metric, names, NEAREST);
    say(`no metric ${metric} among ${names.length}${near.length === 0 ? '' : `; near it: ${near.join(', ')}`}.`);
    await sayDownTargets(selector, asking);
    return;
  }
  const alone = { ...selector, matchers: [] };
  const trace = await lastSeen(alone, moment, prometheus, signal);
  const written = `${selectorText(alone)}${selector.shift}`;
  if (trace === null) {
    say(`${written} is known, but has no sample ${LOOKED}.`);
    await sayDownTargets(selector, asking);
  } else {
    say(`${written} ${seenText(trace, moment)}.`);
    await sayHealth(selector, trace, asking);
  }
}

function seenText(trace: Trace, { time }: Moment): string {
  const job = trace.job === null ? '' : `, from job ${trace.job}`;
  if (trace.time === null) return `was there for a short time within the 6h before that time${job}`;
  const at = `${new Date(trace.time * 1000).toISOString().slice(0, 19)}Z`;
  return `was last seen at ${at}, ${showDuration(Math.round(time - trace.time))} before that time${job}`;
}

async function sayHealth(selector: Selector, trace: Trace, asking: Asking): Promise<void> {
  const { moment, prometheus, signal, say } = asking;
  const health = await targetHealth(selector, trace.job, moment, prometheus, signal);
  if (health !== null) say(`${health}.`);
}

async function sayDownTargets({ shift }: Selector, { moment, prometheus, signal, say }: Asking): Promise<void> {
  const { result } = await prometheus.query(`count by (job) (up${shift} == 0)`, { time: moment.time }, signal);
  const down = (result.type === 'vector' ? result.samples : [])
    .map(({ labels, value }) => ({ job: labels.job ?? '', count: value ?? 0 }))
    .sort((a, b) => b.count - a.count || (a.job < b.job ? -1 : 1));
  const all = down.reduce((sum, { count }) => sum + count, 0);
  const jobs = listNames(
    down.map(({ job, count }) => `${count} of job ${job}`),
    NEAREST,
  );
  if (all > 0) say(`${countOf(all, 'scrape target')} ${all === 1 ? 'is' : 'are'} down (up${shift} == 0): ${jobs}.`);
}

function series(count: number): string {
  return count === 1 ? '1 series' : `${count} series`;
}
