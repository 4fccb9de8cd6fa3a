import { ToolError } from '../errors.ts';
import { showDuration } from '../format.ts';
import { parseDuration } from '../moment.ts';
import type { Prometheus } from '../upstreams/prometheus.ts';
import { aside } from './aside.ts';
import { type ExpressionOutline, type Stretch, selectorText } from './expression-outline.ts';
import { askMarked, counted } from './marked-questions.ts';
import type { RangePlan } from './range-plan.ts';

/** Series that a selector without a metric's name may take. */
const MOST_SERIES = 100_000;
/** Samples that an expression may have to look at: some ten seconds of one processor. */
const MOST_SAMPLES = 500_000_000;
/** With fewer of each series nobody counts the series first; a week of samples, or 60 steps over anything, is below. */
const MANY_PER_SERIES = 50_000;
/** How far apart samples are taken to lie, seconds; most scrape every 15s, 30s or 60s. */
const SCRAPE_SECONDS = 30;
/** Samples that are decoded to find one: half a chunk of Prometheus. */
const HALF_CHUNK = 60;
/** What a subquery without a resolution has by default: the server's evaluation interval, seconds. */
const RESOLUTION_SECONDS = 60;
/** The longest that counting may take, milliseconds. */
const PATIENCE_MS = 3000;
const WANTED_STEPS = 60;

/** Windows and ranges that may be proposed instead, seconds. */
const SHORTER = [
  Number.POSITIVE_INFINITY,
  ...[2_592_000, 1_209_600, 604_800, 259_200, 86_400, 43_200, 21_600, 10_800, 3600, 1800, 900, 300],
];

/**
 * Refuses an expression whose work is out of all proportion, before the server is asked to do it: the series are counted where
 * a selector names no metric, or where very many samples of each would be read. Anything else costs nothing here.
 * @returns what the caller should know, where the series could not be counted
 * @throws {ToolError} `too_large`, with a query that runs
 */
export async function guardCost(
  outline: ExpressionOutline,
  asked: { plan: RangePlan | null; time: number },
  prometheus: Prometheus,
  signal: AbortSignal,
): Promise<string[]> {
  const perSeries = samplesPerSeries(outline.stretches, asked.plan);
  const { selectors } = outline;
  const counting = perSeries > MANY_PER_SERIES ? selectors : selectors.filter(({ metric }) => metric === null);
  if (counting.length === 0) return [];
  const questions = counting.map((selector, index) => counted(selector, `${index}`));
  const counts = await aside(PATIENCE_MS, signal, (patience) => askMarked(prometheus, questions, asked.time, patience));
  if (counts === null) return ['how much work this is could not be told beforehand.'];
  const [most] = counting
    .map((selector, index) => ({ selector, count: counts.get(`${index}`) ?? 0 }))
    .sort((a, b) => b.count - a.count);
  if (most === undefined) return [];
  const text = selectorText(most.selector);
  if (most.selector.metric === null && most.count > MOST_SERIES)
    throw tooLarge(`${text} selects ${most.count} series`, `topk(20, count by (__name__) (${text}))`);
  const samples = most.count * perSeries;
  if (samples > MOST_SAMPLES)
    throw tooLarge(
      `about ${Math.round(samples / 1e6)} million samples to look at: ${text} selects ${most.count} series`,
      shorten(outline, asked.plan, most.count) ?? `count(${text})`,
    );
  return [];
}

function tooLarge(problem: string, runs: string): ToolError {
  return new ToolError('too_large', problem, {
    upstream: 'prometheus',
    hint: `Name a metric, add labels, or look back less. This runs: ${runs}`,
  });
}

/**
 * Samples of one series that are looked at, estimated: evaluations by the samples in the window of each, and what is decoded
 * to get at them, which is no more than all there are in the time.
 */
function samplesPerSeries(stretches: readonly Stretch[], plan: RangePlan | null): number {
  const range = plan === null ? 0 : plan.end - plan.start;
  let evaluations = plan === null ? 1 : range / plan.step + 1;
  let span = range;
  let window = 0;
  for (const stretch of stretches) {
    const seconds = parseDuration(stretch.window) ?? 0;
    if (stretch.resolution === null) {
      window = Math.max(window, seconds);
    } else {
      const apart = parseDuration(stretch.resolution) || RESOLUTION_SECONDS;
      evaluations = Math.max(evaluations, (range + seconds) / apart);
      span += seconds;
    }
  }
  const perWindow = Math.max(1, window / SCRAPE_SECONDS);
  const decoded = Math.min((span + window) / SCRAPE_SECONDS, evaluations * (perWindow + HALF_CHUNK));
  return evaluations * perWindow + decoded;
}

/** The same question over as much time as it may be asked over; null where there is none. */
function shorten({ source, stretches }: ExpressionOutline, plan: RangePlan | null, count: number): string | null {
  for (const limit of SHORTER) {
    const brief = stretches.map((stretch) => ({ ...stretch, window: atMost(stretch.window, limit) }));
    const range = plan === null ? 0 : Math.min(limit, plan.end - plan.start);
    const planned = plan === null ? null : { ...plan, start: plan.end - range, step: range / WANTED_STEPS };
    if (samplesPerSeries(brief, planned) * count > MOST_SAMPLES) continue;
    const expr = brief.reduceRight(
      (text, { window, start, end }) => `${text.slice(0, start)}${window}${text.slice(end)}`,
      source,
    );
    return plan === null ? expr : `${expr} (range ${showDuration(range)}, without step)`;
  }
  return null;
}

function atMost(window: string, limit: number): string {
  return (parseDuration(window) ?? 0) > limit ? showDuration(limit) : window;
}
