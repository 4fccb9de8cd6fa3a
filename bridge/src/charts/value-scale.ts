import type { Unit } from './expression-unit.ts';

/** A unit as values of one size are written in it: `MiB` for bytes in the millions. */
export interface ValueScale {
  /** How many of the unit's base make one. */
  size: number;
  /** Behind the number, with the space before it where there is one. */
  suffix: string;
  /** Written with a power of ten, as no prefix fits. */
  exponential: boolean;
}

const BYTES: readonly (readonly [number, string])[] = [
  [1, ' B'],
  [1024, ' KiB'],
  [1024 ** 2, ' MiB'],
  [1024 ** 3, ' GiB'],
  [1024 ** 4, ' TiB'],
  [1024 ** 5, ' PiB'],
];
const SECONDS: readonly (readonly [number, string])[] = [
  [1e-9, ' ns'],
  [1e-6, ' µs'],
  [1e-3, ' ms'],
  [1, ' s'],
  [60, ' min'],
  [3600, ' h'],
  [86_400, ' d'],
];
const NUMBERS: readonly (readonly [number, string])[] = [
  [1, ''],
  [1e3, 'k'],
  [1e6, 'M'],
  [1e9, 'G'],
  [1e12, 'T'],
];

/** How values up to `size` are written. */
export function scaleFor(size: number, { measure, perSecond }: Unit): ValueScale {
  if (measure === 'percent' || measure === 'ratio')
    return {
      size: measure === 'ratio' ? 0.01 : 1,
      suffix: '%',
      exponential: size !== 0 && (size < 1e-5 || size >= 1e7),
    };
  // Seconds of a second are no time: 0.25 of them is a quarter of a processor.
  const prefixes = measure === 'bytes' ? BYTES : measure === 'seconds' && !perSecond ? SECONDS : NUMBERS;
  // An hour is not a day's part yet: units of time are left only when there are two of the next.
  const least = prefixes === SECONDS && size >= 60 ? 2 : 1;
  const [factor, prefix] = prefixes.findLast(([from]) => size >= from * least) ?? prefixes[0] ?? [1, ''];
  const rate = perSecond ? (measure === 'seconds' ? ' s/s' : '/s') : '';
  const number = size / factor;
  if (size !== 0 && number >= 1e-3 && number < 1e6)
    return { size: factor, suffix: `${prefix}${rate}`, exponential: false };
  const base = prefixes.find(([from]) => from === 1)?.[1] ?? '';
  return { size: 1, suffix: `${base}${rate}`, exponential: size !== 0 };
}

/** A value to four digits in the largest prefix of its unit, `3.21 MiB/s`; `NaN`, `+Inf` and `-Inf` as Prometheus writes them. */
export function showValue(value: number, unit: Unit): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const { size, suffix, exponential } = scaleFor(Math.abs(value), unit);
  const number = value / size;
  return `${exponential ? number.toExponential(2) : Number(number.toPrecision(4))}${suffix}`;
}

/** What is said of a unit under the title of a chart; null where nothing is known. */
export function describeUnit({ measure, perSecond }: Unit): string | null {
  if (measure === 'ratio') return 'ratio, in percent';
  if (measure === null) return perSecond ? 'per second' : null;
  return perSecond ? `${measure} per second` : measure;
}
