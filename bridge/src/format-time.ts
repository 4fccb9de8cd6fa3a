import { showDuration } from './format.ts';

/** A moment as a cell: `12:41:03Z` on the UTC day of `today`, else `2026-11-20T12:41Z`. Both arguments RFC 3339 in UTC. */
export function showMoment(moment: string, today: string): string {
  const iso = new Date(moment).toISOString();
  const day = new Date(today).toISOString().slice(0, 10);
  return iso.startsWith(day) ? `${iso.slice(11, 19)}Z` : `${iso.slice(0, 16)}Z`;
}

/** Seconds from one moment to another; negative when `to` comes first. */
export function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}

/** A span by its largest unit, `21m`, `3h`, `-5d`: how long ago, or how long until. */
export function showAge(seconds: number): string {
  return showDuration(Math.round(seconds), 1);
}

/** A small span of time such as a clock's offset: `12µs`, `-3.4ms`, `1.25s`. */
export function showOffset(seconds: number): string {
  const size = Math.abs(seconds);
  const [factor, unit] = size < 1e-3 ? [1e6, 'µs'] : size < 1 ? [1e3, 'ms'] : [1, 's'];
  return `${Number((seconds * factor).toPrecision(3))}${unit}`;
}
