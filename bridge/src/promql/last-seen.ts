import { countOf } from '../brief-text.ts';
import type { Prometheus } from '../upstreams/prometheus.ts';
import type { Selector } from './expression-outline.ts';
import { selectorText } from './expression-outline.ts';
import { askMarked, marked } from './marked-questions.ts';

/** The moment that was asked about. */
export interface Moment {
  /** Seconds since the epoch. */
  time: number;
  /** Whether it is the present, so that what targets say of themselves now is about it. */
  isNow: boolean;
}

/** That a series was there before. */
export interface Trace {
  /** When it was last, seconds since the epoch; null where only the last hours are known to have it. */
  time: number | null;
  /** Whose targets had it; null for series without a job, such as those of recording rules. */
  job: string | null;
}

/** Where looks that find nothing have looked, in words. */
export const LOOKED = 'in the 6h before that time, nor at a look every 6h over 30d';

/**
 * When the series of a selector were last there, `moment` being a time when they are not; null where nothing is found of them.
 * Close looks over the last minutes, wider ones over hours and days: some 250 evaluations at most.
 * @throws {ToolError}
 */
export async function lastSeen(
  selector: Selector,
  { time }: Moment,
  prometheus: Prometheus,
  signal: AbortSignal,
): Promise<Trace | null> {
  const { shift } = selector;
  const text = selectorText(selector);
  const newest = async (how: string, expr: string): Promise<Trace | null> => {
    const { result } = await prometheus.query(`${how} by (job) (${expr})`, { time }, signal);
    const found = (result.type === 'vector' ? result.samples : [])
      .flatMap(({ labels, value }) => (value === null ? [] : [{ time: value, job: labels.job ?? null }]))
      .sort((a, b) => b.time - a.time || ((a.job ?? '') < (b.job ?? '') ? -1 : 1));
    return found[0] ?? null;
  };
  const looks = (...stretches: string[]) =>
    stretches.map((stretch) => `max_over_time(timestamp(${text}${shift})[${stretch}])`).join(' or ');
  const recent = await newest('max', looks('5m:5s', '6h:5m'));
  if (recent !== null) return recent;
  // A series that came and went between two looks; its last value says nothing of when.
  const brief = await newest('count', `last_over_time(${text}[6h]${shift})`);
  return brief === null ? await newest('max', looks('30d:6h')) : { ...brief, time: null };
}

/**
 * Whether the targets are up that series come from, those of `job` or of the `job` and `instance` that the selector names;
 * null where it names none.
 * @throws {ToolError}
 */
export async function targetHealth(
  selector: Selector,
  job: string | null,
  { time, isNow }: Moment,
  prometheus: Prometheus,
  signal: AbortSignal,
): Promise<string | null> {
  const named = selector.matchers.filter(({ label, operator }) => TARGET_LABELS.has(label) && operator === '=');
  const conditions = named.map(({ text }) => text);
  if (job !== null && !named.some(({ label }) => label === 'job')) conditions.unshift(`job=${JSON.stringify(job)}`);
  if (conditions.length === 0) return null;
  const up = `up{${conditions.join(',')}}${selector.shift}`;
  const questions = [marked(`count(${up})`, 'all'), marked(`count(${up} == 0)`, 'down')];
  const counts = await askMarked(prometheus, questions, time, signal);
  const all = counts.get('all') ?? 0;
  const down = counts.get('down') ?? 0;
  const whose = conditions.join(', ');
  if (all === 0) return `no target with ${whose} was scraped then`;
  if (down === 0) return `${countOf(all, 'target')} with ${whose} ${all === 1 ? 'is' : 'are'} up`;
  const why = isNow ? await lastError(named, job, prometheus, signal) : null;
  const error = why === null ? '' : `: ${why}`;
  return all === 1
    ? `its target (${whose}) is down${error}`
    : `${down} of ${all} targets with ${whose} are down${error}`;
}

const TARGET_LABELS = new Set(['job', 'instance']);

/** What the first of the targets that are down says of it; null where the server keeps none of it. */
async function lastError(
  named: Selector['matchers'],
  job: string | null,
  prometheus: Prometheus,
  signal: AbortSignal,
): Promise<string | null> {
  const wanted = new Map(named.map(({ label, value }) => [label, value]));
  if (job !== null && !wanted.has('job')) wanted.set('job', job);
  const targets = await prometheus.targets({}, signal);
  const down = targets?.active.find(
    ({ labels, health }) => health === 'down' && [...wanted].every(([label, value]) => labels[label] === value),
  );
  return down?.lastError ?? null;
}
