/**
 * A number as a cell: whole numbers below 10^15 in full (a time or a count must not be rounded), others to six significant
 * digits but never fewer than stand before the point; `NaN`, `+Inf` and `-Inf` in Prometheus's spelling, which JSON has no
 * numbers for.
 */
export function compactNumber(value: number): number | 'NaN' | '+Inf' | '-Inf' {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e15) return value === 0 ? 0 : value;
  if (size >= 1e6 && size < 1e15) return Math.round(value);
  return Number(value.toPrecision(6));
}

/** A whole number of things with its thousands apart: `20,000`. Node's own formatter holds 8 MB of locales for this. */
export function showCount(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
];

/** A span as Prometheus writes them, `1h30m`, rounded down to its `parts` largest units. Negative spans get a minus. */
export function showDuration(seconds: number, parts = 2): string {
  let left = Math.round(Math.abs(seconds) * 1000);
  if (left === 0) return '0s';
  const first = UNITS.findIndex(([, size]) => left >= size);
  const shown: string[] = [];
  for (const [unit, size] of UNITS.slice(first, first + parts)) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) shown.push(`${count}${unit}`);
  }
  return `${seconds < 0 ? '-' : ''}${shown.join('')}`;
}
