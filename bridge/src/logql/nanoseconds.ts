/** A moment in nanoseconds since the epoch as RFC 3339 in UTC, with as many digits of a second as it has. */
export function showNanoseconds(time: bigint): string {
  const second = new Date(Number(time / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  const fraction = String(time % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${second}${fraction === '' ? '' : `.${fraction}`}Z`;
}

/** The moment, cut to milliseconds. */
export function dateOf(nanoseconds: bigint): Date {
  return new Date(Number(nanoseconds / 1_000_000n));
}

export function nanosecondsOf(date: Date): bigint {
  return BigInt(date.getTime()) * 1_000_000n;
}

export function secondsToNanoseconds(seconds: number): bigint {
  return BigInt(Math.round(seconds * 1e6)) * 1000n;
}
