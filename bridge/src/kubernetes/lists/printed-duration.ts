const SECONDS: Readonly<Record<string, number>> = { y: 31_536_000, d: 86_400, h: 3600, m: 60, s: 1 };

/**
 * Seconds of a span as the server prints ages (k8s.io/apimachinery util/duration HumanDuration): `8m57s`, `2d3h`, `5y120d`.
 * Null for `<unknown>`, `<invalid>` and anything else.
 */
export function secondsOf(printed: string): number | null {
  if (!/^(?:\d{1,9}[ydhms])+$/.test(printed)) return null;
  let seconds = 0;
  for (const [, count = '', unit = ''] of printed.matchAll(/(\d+)([ydhms])/g))
    seconds += Number(count) * (SECONDS[unit] ?? 0);
  return seconds;
}

/** The span by its largest unit, `8m`, `2d`: the rest is nothing that a reader of a list needs. Other texts stay as they are. */
export function shortSpan(printed: string): string {
  return secondsOf(printed) === null ? printed : (/^\d+[ydhms]/.exec(printed)?.[0] ?? printed);
}
