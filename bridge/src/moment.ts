import { invalidArgument } from './errors.ts';

/** A bare number from here on is a moment in unix seconds, below it a span: 31 years. */
const UNIX_SECONDS = 1e9;

const DAY_MS = 86_400_000;

/** Units of a duration as people write them, the largest first, each with its seconds. */
const UNITS = [
  [/^(?:y|yrs?|years?)$/, 31_536_000],
  [/^(?:w|wks?|weeks?)$/, 604_800],
  [/^(?:d|days?)$/, 86_400],
  [/^(?:h|hrs?|hours?)$/, 3600],
  [/^(?:m|mins?|minutes?)$/, 60],
  [/^(?:s|secs?|seconds?)$/, 1],
  [/^(?:ms|millis|milliseconds?)$/, 0.001],
] as const;

/**
 * Seconds of a duration as Prometheus writes it (`90s`, `1h30m`, `7d`), as people do (`1.5h`, `90 minutes`, `last hour`) or of a
 * bare number of seconds; null when it is none of these. Larger units come before smaller ones, each at most once.
 */
export function parseDuration(text: string): number | null {
  const written = text.trim().replace(/^(?:the )?(?:last|past) +(?!\d+(?:\.\d+)?$)/, '');
  if (/^\d+(?:\.\d+)?$/.test(written)) return Number(written);
  const one = /^(?:an? )?([a-z]{3,})$/.exec(written);
  if (one !== null) return UNITS.find(([name]) => name.test(one[1] ?? ''))?.[1] ?? null;
  if (!/^(?:\d+(?:\.\d+)? ?[a-z]+(?: and |, | )?)+$/.test(written)) return null;
  let seconds = 0;
  let smallest = -1;
  for (const [, count = '', unit = ''] of written.matchAll(/(\d+(?:\.\d+)?) ?([a-z]+)/g)) {
    const index = UNITS.findIndex(([name]) => name.test(unit));
    if (index <= smallest) return null;
    smallest = index;
    seconds += Number(count) * (UNITS[index]?.[1] ?? 0);
  }
  return seconds;
}

/**
 * The moment meant by `now`, `-10m`, `now-10m`, `10m ago`, a date, RFC 3339, a time of the day (the last such moment) or unix
 * time in seconds or a smaller unit. Without a zone it is UTC, as in everything that answers say. Null when it is none of these,
 * or lies before 1970 or after 2199.
 */
export function readMoment(text: string, now: Date): Date | null {
  const trimmed = text.trim();
  const at = readRelative(trimmed, now) ?? readUnix(trimmed) ?? readCalendar(trimmed, now);
  const year = at?.getUTCFullYear() ?? Number.NaN;
  return year >= 1970 && year < 2200 ? at : null;
}

/** Seconds of a span that an argument such as `since` names (`1h`, `-1h`, `now-1h`, `1h ago`, `90`), null for what is a moment. */
export function readSpan(text: string): number | null {
  const span = parseDuration(
    text
      .trim()
      .replace(/^(?:now)?\s*-\s*/, '')
      .replace(/ ago$/, ''),
  );
  return span !== null && span < UNIX_SECONDS ? span : null;
}

/**
 * The moment of an argument called `time`, in a form that `readMoment` knows.
 * @throws {ToolError} `invalid_argument`
 */
export function parseTime(text: string, now: Date): Date {
  const at = readMoment(text, now);
  if (at !== null) return at;
  throw invalidArgument(
    'time',
    `${JSON.stringify(text.trim())} is not a time`,
    'RFC 3339 (2026-03-01T12:00:00Z), unix seconds, now, or -10m.',
  );
}

/**
 * Where a window begins that ends now, from an argument called `since`: a span, or a moment.
 * @throws {ToolError} `invalid_argument` for anything else, and for a moment still to come
 */
export function parseSince(text: string, now: Date): Date {
  const span = readSpan(text);
  const start = span === null ? readMoment(text, now) : new Date(now.getTime() - span * 1000);
  if (start !== null && start.getTime() <= now.getTime()) return start;
  throw invalidArgument(
    'since',
    start === null
      ? `${JSON.stringify(text)} is neither a span nor a moment`
      : `${JSON.stringify(text)} is still to come`,
    'Give a span like 30m, 6h or 2d, or RFC 3339 with a zone (2026-03-01T12:00:00Z).',
  );
}

function readRelative(text: string, now: Date): Date | null {
  if (text === 'now') return now;
  const ago = /^(.+?) ago$/.exec(text)?.[1];
  const [, sign = '-', span = ago ?? ''] = /^(?:now\s*)?([+-])\s*(.+)$/.exec(text) ?? [];
  const offset = parseDuration(span);
  return offset === null ? null : new Date(now.getTime() + (sign === '-' ? -1000 : 1000) * offset);
}

/** Seconds up to the year 2200 have ten digits; more are milliseconds, microseconds or nanoseconds. */
function readUnix(text: string): Date | null {
  if (!/^\d+(?:\.\d+)?$/.test(text)) return null;
  const value = Number(text);
  const factor = [1000, 1, 1e-3, 1e-6].find((each) => value * each < 7.3e12);
  return factor === undefined ? null : new Date(value * factor);
}

function readCalendar(text: string, now: Date): Date | null {
  const today = now.toISOString().slice(0, 10);
  if (text === 'today') return new Date(today);
  if (text === 'yesterday') return new Date(Date.parse(today) - DAY_MS);
  const parts =
    /^(?:(?<date>\d{4}-\d\d-\d\d)(?:$|[Tt ](?=\d)))?(?:(?<clock>\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(?<zone>Z|UTC|[+-]\d\d:\d\d)?)?$/i.exec(
      text,
    )?.groups;
  const { date, clock = '00:00', zone = 'Z' } = parts ?? {};
  if (parts === undefined || (date === undefined && parts.clock === undefined)) return null;
  const at = new Date(`${date ?? today}T${clock}${/^(?:z|utc)$/i.test(zone) ? 'Z' : zone}`);
  return date === undefined && at > now ? new Date(at.getTime() - DAY_MS) : at;
}
