import type { NextCall } from '../answer.ts';
import { briefText, countOf, listNames } from '../brief-text.ts';
import { showDuration } from '../format.ts';
import { nearestNames } from '../nearest-names.ts';
import { aside } from '../promql/aside.ts';
import { type Matcher, type Selector, selectorText } from '../promql/expression-outline.ts';
import { shownLabel } from '../promql/secret-labels.ts';
import type { Loki, LokiWindow } from '../upstreams/loki.ts';
import { otherNames } from './label-roles.ts';
import { showNanoseconds } from './nanoseconds.ts';
import { withLookback } from './query-cost.ts';
import type { QueryOutline } from './query-outline.ts';

const PATIENCE_MS = 3500;
/** How far back is looked for a last line and for labels. */
const WEEK_NS = 7n * 86_400_000_000_000n;
const MINUTE_NS = 60_000_000_000n;
const SPAN = 'the 7d up to the end of this window';
const MAX_SELECTORS = 3;
const NAMED = 5;
const MOST_RENAMED = 6;
const SAMPLE = 200;

/** Why an answer is empty, and calls that are not. */
export interface EmptyHints {
  notes: string[];
  next: NextCall[];
}

interface Asked {
  window: LokiWindow;
  /** The week that ends where the window does. */
  week: LokiWindow;
  loki: Loki;
  signal: AbortSignal;
}

/**
 * Why a query found nothing, from what Loki has: streams whose lines the filters leave out, lines before the window, labels and
 * values that are not there and what they may have been meant for. A few small questions; a failed one only means fewer hints.
 */
export async function emptyHints(
  query: QueryOutline,
  window: LokiWindow,
  again: NextCall['arguments'],
  loki: Loki,
  signal: AbortSignal,
): Promise<EmptyHints> {
  const hints = await aside(PATIENCE_MS, signal, async (within) => {
    const span = withLookback(query, window);
    const asked = { window: span, week: { start: window.end - WEEK_NS, end: window.end }, loki, signal: within };
    const notes: string[] = [];
    for (const selector of query.selectors.slice(0, MAX_SELECTORS)) {
      const match = selectorText(selector);
      const inWindow = await newestLine(match, span, asked);
      if (inWindow === null) return await beforeOrNever(query, selector, again, asked);
      const { time, line } = inWindow;
      notes.push(
        `${match} has lines in this window, none of which is left by what follows; its last, ${showNanoseconds(time).slice(0, 19)}Z: ${briefText(line, SAMPLE)}`,
      );
    }
    return { notes, next: [] };
  });
  return hints ?? { notes: [], next: [] };
}

async function newestLine(
  match: string,
  window: LokiWindow,
  { loki, signal }: Asked,
): Promise<{ time: bigint; line: string } | null> {
  const { result } = await loki.queryRange(match, { ...window, limit: 1 }, signal);
  if (result.type !== 'streams') return null;
  return result.streams.flatMap(({ entries }) => entries)[0] ?? null;
}

async function beforeOrNever(
  query: QueryOutline,
  selector: Selector,
  again: NextCall['arguments'],
  asked: Asked,
): Promise<EmptyHints> {
  const match = selectorText(selector);
  const { window, week } = asked;
  const before = window.start > week.start ? await newestLine(match, { ...week, end: window.start }, asked) : null;
  if (before === null) return await explainMatchers(query, selector, again, asked);
  const { time, line } = before;
  const ago = showDuration(Number((window.start - time) / 1_000_000_000n));
  const since = showNanoseconds(((time - MINUTE_NS) / MINUTE_NS) * MINUTE_NS);
  return {
    notes: [
      `no line of ${match} in this window; the last came at ${showNanoseconds(time).slice(0, 19)}Z, ${ago} before it begins: ${briefText(line, SAMPLE)}`,
    ],
    next: [{ tool: 'loki.query', arguments: { ...again, since } }],
  };
}

/** Which of the conditions no stream of the week meets. */
async function explainMatchers(
  query: QueryOutline,
  selector: Selector,
  again: NextCall['arguments'],
  asked: Asked,
): Promise<EmptyHints> {
  const { loki, week, signal } = asked;
  const labels = await loki.labels(week, signal);
  if (labels.length === 0)
    return { notes: [`this Loki has no logs of ${SPAN}, at least none for this tenant.`], next: [] };
  const renamed = await underOtherNames(selector, labels, asked);
  if (renamed.length === 0) return { notes: await whatIsMissing(selector, labels, asked), next: [] };
  return {
    notes: [`no stream of ${SPAN} meets ${selectorText(selector)}, but some meet ${renamed.join(' or ')}.`],
    next: renamed.map((match) => {
      const logql = `${query.source.slice(0, selector.start)}${match}${query.source.slice(selector.end)}`;
      return { tool: 'loki.query', arguments: { ...again, logql } };
    }),
  };
}

async function whatIsMissing(selector: Selector, labels: readonly string[], asked: Asked): Promise<string[]> {
  const { loki, week, signal } = asked;
  const demanding = selector.matchers.filter(({ operator, value }) => !operator.startsWith('!') && value !== '');
  const notes: string[] = [];
  for (const { label } of demanding) if (!labels.includes(label)) notes.push(noSuchLabel(label, labels, SPAN));
  if (notes.length > 0) return notes;
  for (const matcher of demanding.filter(({ operator }) => operator === '=')) {
    const values = await loki.labelValues(matcher.label, week, signal);
    if (!values.includes(matcher.value)) notes.push(noSuchValue(matcher, values));
  }
  return notes.length > 0 ? notes : await togetherNowhere(selector, asked);
}

/** The selector with one label under another name that it goes by, each that has streams: pods are on a `node`, journals of a `hostname`. */
async function underOtherNames(
  { matchers }: Selector,
  labels: readonly string[],
  { loki, week, signal }: Asked,
): Promise<string[]> {
  const tried = matchers.flatMap(({ label, operator, text }, at) =>
    operator.startsWith('!')
      ? []
      : otherNames(label)
          .filter((name) => labels.includes(name))
          .map((name) => {
            const texts = matchers.map((matcher, index) =>
              index === at ? `${name}${text.slice(text.indexOf(operator))}` : matcher.text,
            );
            return `{${texts.join(', ')}}`;
          }),
  );
  const found = await Promise.all(
    tried
      .slice(0, MOST_RENAMED)
      .map(async (match) => ((await loki.series(match, week, signal)).length > 0 ? [match] : [])),
  );
  return found.flat();
}

/** Says that there is no such label in a span of time, and which it may have been meant for. */
export function noSuchLabel(label: string, labels: readonly string[], span: string): string {
  const same = otherNames(label).filter((name) => labels.includes(name));
  const near = [...new Set([...same, ...nearestNames(label, labels, NAMED)])];
  const known = near.length > 0 ? `; near it: ${near.join(', ')}` : `; there are ${listNames(labels, 15)}`;
  return `no stream of ${span} has a label ${label}${known}.`;
}

function noSuchValue({ label, value, text }: Matcher, values: readonly string[]): string {
  const near = nearestNames(value, values, NAMED);
  const named = near.length > 0 ? near : values.slice(0, NAMED);
  const more = values.length > named.length ? ` (of ${values.length})` : '';
  return `no stream of ${SPAN} with ${text}; ${label} there: ${named.map((each) => shownLabel(label, each)).join(', ')}${more}.`;
}

async function togetherNowhere(selector: Selector, { loki, week, signal }: Asked): Promise<string[]> {
  const tried = await Promise.all(
    selector.matchers.map(async ({ text }, index) => {
      const others = selectorText(selector, index);
      // Loki takes no selector that every stream could meet.
      const isNothing = !selector.matchers.some(({ operator, value }, at) => at !== index && demands(operator, value));
      return { text, count: isNothing ? null : (await loki.series(others, week, signal)).length };
    }),
  );
  const counts = tried.flatMap(({ text, count }) =>
    count === null || count === 0 ? [] : [`without ${text}: ${countOf(count, 'stream')}`],
  );
  const found = counts.length === 0 ? '' : `; ${counts.join(', ')}`;
  return [`no stream of ${SPAN} meets ${selectorText(selector)}${found}.`];
}

function demands(operator: string, value: string): boolean {
  return operator === '=' ? value !== '' : operator === '=~' && value !== '.*' && value !== '';
}
