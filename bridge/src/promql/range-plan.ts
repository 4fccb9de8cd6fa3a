import { invalidArgument } from '../errors.ts';
import { showDuration } from '../format.ts';
import { parseDuration } from '../moment.ts';

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
