import { invalidArgument } from '../errors.ts';
import { showDuration } from '../format.ts';

/** The evaluations of a range query: from `start` to `end` every `step`, all in seconds, times since the epoch. */
export interface RangePlan {
  start: number;
  end: number;
  step: number;
  /** Said to the caller: what differs from what was asked for. */
  notes: string[];
}

/** Prometheus refuses to evaluate a range at more points than this. */
const MAX_POINTS = 11_000;
/** Steps aimed at when the caller leaves the choice. */
const WANTED_STEPS = 60;
const MIN_STEP = 15;

/** Steps whose multiples fall on round times, seconds: 15s to 30d. */
const ROUND_STEPS = [
  15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600,
  2_592_000,
];

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};

/** Seconds of a Prometheus duration (`90s`, `1h30m`, `7d`) or of a bare number of seconds; null when it is neither. */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim();
  if (/^\d+(?:\.\d+)?$/.test(trimmed)) return Number(trimmed);
  if (!/^(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?$/.test(trimmed) || trimmed === '')
    return null;
  let seconds = 0;
  for (const [, count = '', unit = ''] of trimmed.matchAll(/(\d+)(ms|[smhdwy])/g)) {
    seconds += Number(count) * (UNIT_SECONDS[unit] ?? 0);
  }
  return seconds;
}

/**
 * The moment meant by `now`, `-10m`, `now-10m`, RFC 3339 or unix seconds.
 * @throws {ToolError} `invalid_argument`
 */
export function parseTime(text: string, now: Date): Date {
  const trimmed = text.trim();
  const relative = /^(?:now\s*)?([+-])\s*(.+)$/.exec(trimmed);
  const offset = relative === null ? null : parseDuration(relative[2] ?? '');
  const at =
    trimmed === 'now'
      ? now
      : offset !== null
        ? new Date(now.getTime() + (relative?.[1] === '-' ? -1000 : 1000) * offset)
        : /^\d+(?:\.\d+)?$/.test(trimmed)
          ? new Date(Number(trimmed) * 1000)
          : /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/i.test(trimmed)
            ? new Date(trimmed)
            : null;
  const year = at?.getUTCFullYear() ?? Number.NaN;
  if (at !== null && year >= 1970 && year < 2200) return at;
  throw invalidArgument(
    'time',
    `${JSON.stringify(trimmed)} is not a time`,
    'RFC 3339 with a zone (2026-03-01T12:00:00Z), unix seconds, now, or -10m.',
  );
}

/**
 * Plans the evaluations of the last `range` before `end`. The last one falls on `end` itself. Without `step` a round one is
 * chosen that gives at most `points` (60) steps; one too short for Prometheus's limit is raised, and that is said.
 * @throws {ToolError} `invalid_argument`
 */
export function planRange(asked: { range: string; end: Date; step?: string; points?: number }): RangePlan {
  const range = duration('range', asked.range);
  const end = asked.end.getTime() / 1000;
  const notes: string[] = [];
  let step: number;
  if (asked.step === undefined) {
    // Both ends are evaluated: n steps are n + 1 points.
    const steps = asked.points === undefined ? WANTED_STEPS : Math.max(1, asked.points - 1);
    step = range <= MIN_STEP ? range : roundStep(Math.max(range / steps, MIN_STEP));
  } else {
    step = duration('step', asked.step);
    if (step > range)
      throw invalidArgument('step', `${showDuration(step, 5)} is longer than the range ${showDuration(range, 5)}`);
    if (range / step > MAX_POINTS) {
      const raised = roundStep(range / MAX_POINTS);
      notes.push(
        `step raised from ${showDuration(step, 5)} to ${showDuration(raised, 5)}: Prometheus gives at most ${MAX_POINTS} points per series`,
      );
      step = raised;
    }
  }
  const steps = Math.floor(range / step + 1e-9);
  return { start: end - steps * step, end, step, notes };
}

function roundStep(atLeast: number): number {
  const largest = ROUND_STEPS.at(-1) ?? 1;
  return ROUND_STEPS.find((step) => step >= atLeast - 1e-9) ?? Math.ceil(atLeast / largest) * largest;
}

function duration(argument: string, text: string): number {
  const seconds = parseDuration(text);
  if (seconds !== null && seconds >= 0.001 && seconds <= 100 * 31_536_000) return seconds;
  throw invalidArgument(argument, `${JSON.stringify(text)} is not a duration`, 'For example 30s, 15m, 1h30m, 7d.');
}
