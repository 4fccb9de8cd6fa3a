import type { Tick } from './value-axis.ts';

const DAY = 86_400;
/** The first Monday of 1970, for steps of weeks. */
const MONDAY = 4 * DAY;

/** Distances of marks whose multiples people read at a glance, seconds. */
const STEPS = [
  ...[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800],
  ...[3600, 7200, 3 * 3600, 6 * 3600, 12 * 3600, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 91 * DAY, 364 * DAY],
];

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Marks on an axis of time from `from` to `to`, seconds since the epoch, at most `most`: times of the day in UTC, days where
 * one begins.
 */
export function timeTicks(from: number, to: number, most: number): Tick[] {
  const step = STEPS.find((each) => (to - from) / each <= most - 1) ?? (to - from) / most;
  const origin = step >= 7 * DAY ? MONDAY : 0;
  const first = Math.ceil((from - origin) / step - 1e-6);
  const last = Math.floor((to - origin) / step + 1e-6);
  return Array.from({ length: last - first + 1 }, (_, index): Tick => {
    const at = Math.round((origin + (first + index) * step) * 1000) / 1000;
    return { at, label: labelOf(at, step) };
  });
}

/** `2026-03-01 11:00 to 12:00`, seconds only where they are not zero. */
export function showPeriod(from: number, to: number): string {
  const [start, end] = [isoOf(from), isoOf(to)];
  const withSeconds = start.slice(17, 19) !== '00' || end.slice(17, 19) !== '00';
  const clock = (iso: string) => iso.slice(11, withSeconds ? 19 : 16);
  const day = (iso: string) => iso.slice(0, 10);
  return `${day(start)} ${clock(start)} to ${day(end) === day(start) ? '' : `${day(end)} `}${clock(end)} UTC`;
}

/** `11:40` on the day of `today`, else `2026-03-01 11:40`. */
export function showClock(at: number, today: number): string {
  const iso = isoOf(at);
  return `${iso.slice(0, 10) === isoOf(today).slice(0, 10) ? '' : `${iso.slice(0, 10)} `}${iso.slice(11, 16)}`;
}

function labelOf(at: number, step: number): string {
  const iso = isoOf(at);
  if (step >= 91 * DAY) return iso.slice(0, 10);
  if (step >= DAY || at % DAY === 0) return `${MONTHS[Number(iso.slice(5, 7)) - 1] ?? ''} ${Number(iso.slice(8, 10))}`;
  return iso.slice(11, step >= 60 ? 16 : step >= 1 ? 19 : 23);
}

function isoOf(seconds: number): string {
  return new Date(Math.round(seconds * 1000)).toISOString();
}
