import type { Json } from './json.ts';

/**
 * The value of a quantity as Kubernetes writes them (k8s.io/apimachinery pkg/api/resource): `250m` is 0.25, `1Gi` is
 * 1073741824, `1e3` and `1k` are 1000. CPU in cores, memory in bytes. Null for what is not a quantity.
 */
export function parseQuantity(value: Json | undefined): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string') return null;
  const [, number, exponent, suffix = ''] = QUANTITY.exec(value) ?? [];
  if (number === undefined) return null;
  const parsed = Number(exponent === undefined ? number : `${number}e${exponent}`);
  // A factor below one is not exact in binary: divided by a whole number, `100m` is the very 0.1.
  const scaled = suffix in DIVISORS ? parsed / (DIVISORS[suffix] ?? 1) : parsed * (FACTORS[suffix] ?? 1);
  return Number.isFinite(scaled) ? scaled : null;
}

/** CPU as Kubernetes speaks of it: `250m` below one core, else `1.25`, `12.3`, `812` cores. */
export function showCores(cores: number): string {
  const millicores = cores * 1000;
  if (millicores < 9.95) return `${Number(millicores.toFixed(1))}m`;
  if (millicores < 999.5) return `${Math.round(millicores)}m`;
  return String(cores >= 99.5 ? Math.round(cores) : Number(cores.toPrecision(3)));
}

/** `1E` is an exa, `1E3` a thousand: the exponent needs its digits. */
const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|([KMGTPE]i|[numkMGTPE]))?$/;

const DIVISORS: Readonly<Record<string, number>> = { n: 1e9, u: 1e6, m: 1e3 };

const FACTORS: Readonly<Record<string, number>> = {
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
