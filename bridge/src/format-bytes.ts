/** Bytes with a binary prefix and two or three digits: `512B`, `1.2GiB`, `214MiB`. */
export function showBytes(bytes: number): string {
  let value = bytes;
  let step = 0;
  while (value >= 1023.5 && step < PREFIXES.length - 1) {
    value /= 1024;
    step += 1;
  }
  return `${step === 0 || value >= 99.5 ? Math.round(value) : Number(value.toPrecision(2))}${PREFIXES[step]}`;
}

const PREFIXES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
