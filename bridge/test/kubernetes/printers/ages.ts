const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** From which length on, seconds, the unit that is shown, and the smaller one beside it where it is not zero. */
const STEPS: readonly (readonly [
  from: number,
  unit: string,
  size: number,
  smaller: readonly [string, number] | null,
])[] = [
  [8 * YEAR, 'y', YEAR, null],
  [2 * YEAR, 'y', YEAR, ['d', DAY]],
  [8 * DAY, 'd', DAY, null],
  [2 * DAY, 'd', DAY, ['h', HOUR]],
  [8 * HOUR, 'h', HOUR, null],
  [3 * HOUR, 'h', HOUR, ['m', MINUTE]],
  [10 * MINUTE, 'm', MINUTE, null],
  [2 * MINUTE, 'm', MINUTE, ['s', 1]],
];

/** A length of time as the server prints ages: `45s`, `8m52s`, `42m`, `3h5m`, `2d4h`, `90d`, `3y20d`. */
export function printDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  const step = STEPS.find(([from]) => seconds >= from);
  if (step === undefined) return `${seconds}s`;
  const [, unit, size, smaller] = step;
  const rest = smaller === null ? 0 : Math.trunc((seconds % size) / smaller[1]);
  return `${Math.trunc(seconds / size)}${unit}${smaller === null || rest === 0 ? '' : `${rest}${smaller[0]}`}`;
}

/** The age of a moment; `<unknown>` where there is none. */
export function printAge(moment: string | undefined, nowMs: number): string {
  return moment === undefined ? '<unknown>' : printDuration(nowMs - Date.parse(moment));
}
