import type { Unit } from './expression-unit.ts';
import { scaleFor } from './value-scale.ts';

/** A mark on an axis. */
export interface Tick {
  at: number;
  label: string;
}

/** From where to where an axis goes, and its marks, ascending. */
export interface ValueAxis {
  low: number;
  high: number;
  ticks: readonly Tick[];
}

/** Values beyond have no place on an axis: the distance of two of them may be more than a number can hold. */
export const LARGEST_DRAWN = 1e300;
const SMALLEST_SPAN = 1e-300;
/** Of a larger value; below it the numbers at the marks would be the same. */
const SMALLEST_SHARE = 1e-9;

/**
 * An axis for values between `low` and `high`, both finite and at most `LARGEST_DRAWN`, with about `wanted` marks at round
 * values. It begins at zero unless that would take more than half of it.
 */
export function valueAxis(low: number, high: number, unit: Unit, wanted: number): ValueAxis {
  const size = Math.max(Math.abs(low), Math.abs(high));
  let [from, to] = [low, high];
  if (size < SMALLEST_SPAN) [from, to] = [0, 1];
  else if (high - low <= size * SMALLEST_SHARE) [from, to] = high > 0 ? [0, high * 1.25] : [low * 1.25, 0];
  if (from > 0 && from <= to / 2) from = 0;
  if (to < 0 && to >= from / 2) to = 0;
  const scale = scaleFor(Math.max(Math.abs(from), Math.abs(to)), unit);
  const step = roundStep((to - from) / scale.size / wanted);
  const first = Math.floor(from / scale.size / step + 1e-9);
  const last = Math.ceil(to / scale.size / step - 1e-9);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return {
    low: first * step * scale.size,
    high: last * step * scale.size,
    ticks: Array.from({ length: last - first + 1 }, (_, index): Tick => {
      const value = (first + index) * step;
      const written = scale.exponential ? exponential(value, step) : value.toFixed(digits);
      return { at: value * scale.size, label: first + index === 0 ? '0' : `${written}${scale.suffix}` };
    }),
  };
}

/** The next of 1, 2 and 5 times a power of ten that is no smaller. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((each) => each * power >= least * (1 - 1e-9)) ?? 10;
  return factor * power;
}

function exponential(value: number, step: number): string {
  const digits = Math.floor(Math.log10(Math.abs(value)) + 1e-9) - Math.floor(Math.log10(step) + 1e-9);
  return value.toExponential(Math.min(12, Math.max(0, digits)));
}
