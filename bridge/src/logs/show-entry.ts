import { safeText } from '../safe-text.ts';
import { cutLine } from './cut-line.ts';
import { headlineOf } from './entry-headline.ts';
import type { LogEntry } from './log-entry.ts';
import { parseRecord } from './log-record.ts';

/** Characters that are shown of a line. */
const LONGEST_SHOWN = 1500;
/** Frames that are shown at the beginning and at the end of a run of indented lines. */
const FIRST_FRAMES = 4;
const LAST_FRAMES = 2;
const MAX_LINES = 16;

/** A moment of a log as short as it can be: `10:00:03`, or `11-21T10:00:03` when it is not on the UTC day of `now`. */
export function showTime(time: string, now: Date): string {
  const iso = new Date(time).toISOString();
  return iso.slice(0, 10) === now.toISOString().slice(0, 10) ? iso.slice(11, 19) : iso.slice(5, 19);
}

/** An entry as lines to be read: the time, the first line in short form, then the trace, with frames left out and counted. */
export function showEntry({ time, lines, more }: LogEntry, now: Date): string[] {
  const [first = '', ...rest] = lines;
  const head = cutLine(showLine(first, time), LONGEST_SHOWN);
  const shown = shortTrace(rest).map((line) => cutLine(/^\s/.test(line) ? line : `  ${line}`, LONGEST_SHOWN));
  const tail = more === 0 ? [] : [`  … ${more} more lines`];
  return [time === null ? head : `${showTime(time, now)} ${head}`, ...shown, ...tail];
}

/**
 * A line without what says nothing new: the time that its logger wrote when it is the runtime's own, and the punctuation of
 * JSON: `error payment failed order=17`. All other fields are kept.
 */
export function showLine(
  text: string,
  time: string | null,
  options: { withLevel: boolean } = { withLevel: true },
): string {
  const record = text.startsWith('{') ? parseRecord(text) : null;
  if (record === null || record.message === '') return withoutTime(text, time);
  const fields = record.fields.map(
    ([name, value]) => `${name}=${/^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)}`,
  );
  const isSame = record.time === null || isNear(record.time, time);
  const parts = [
    ...(isSame ? [] : [`time=${record.time}`]),
    ...(record.level === null || !options.withLevel ? [] : [record.level]),
    record.message.trim(),
    ...fields,
  ];
  // What JSON had escaped is only now to be seen, and it may be cut next.
  return safeText(parts.join(' '));
}

function withoutTime(text: string, time: string | null): string {
  const found = LEADING_TIME.exec(text);
  if (found === null) return text;
  const [whole, stamp = ''] = found;
  return isNear(stamp, time) ? text.slice(whole.length) : text;
}

const LEADING_TIME =
  /^(?:\[|time=|ts=)?"?(\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?)"?\]?[:,]?\s+(?=\S)/;

/** Whether both name one moment. A time without a zone is taken for UTC; where it is local, it is kept, since it differs. */
function isNear(stamp: string, time: string | null): boolean {
  if (time === null) return false;
  return Math.abs(millisecondsOf(stamp) - Date.parse(time)) < NEAR_MS;
}

const NEAR_MS = 1500;

function millisecondsOf(stamp: string): number {
  if (/^\d{9,19}(?:\.\d+)?(?:e\d+)?$/i.test(stamp)) {
    let value = Number(stamp);
    while (value > 1e14) value /= 1000;
    return value > 1e11 ? value : value * 1000;
  }
  const iso = stamp
    .replaceAll('/', '-')
    .replace(',', '.')
    .replace(' ', 'T')
    .replace(/ ?UTC$/, 'Z')
    .replace(' ', '');
  return Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(iso.slice(19)) ? iso : `${iso}Z`);
}

/** Runs of frames lose their middle; the lines between them, which name the exceptions, stay. */
function shortTrace(lines: readonly string[]): string[] {
  const shown: string[] = [];
  let run: string[] = [];
  const close = () => {
    const hidden = run.length - FIRST_FRAMES - LAST_FRAMES;
    if (hidden <= 1) shown.push(...run);
    else shown.push(...run.slice(0, FIRST_FRAMES), `  … ${hidden} more lines`, ...run.slice(-LAST_FRAMES));
    run = [];
  };
  for (const line of lines) {
    if (/^\s/.test(line)) run.push(line);
    else {
      close();
      shown.push(line);
    }
  }
  close();
  if (shown.length <= MAX_LINES) return shown;
  const first = MAX_LINES - LAST_FRAMES - 1;
  return [
    ...shown.slice(0, first),
    `  … ${shown.length - first - LAST_FRAMES} more lines`,
    ...shown.slice(-LAST_FRAMES),
  ];
}

const LONGEST_SAMPLE = 300;

/** The line of an entry that says most, without its level, and how many lines there are besides: what stands for many alike. */
export function showSample(entry: LogEntry): string {
  const others = entry.lines.length - 1 + entry.more;
  const text = cutLine(showLine(headlineOf(entry), entry.time, { withLevel: false }), LONGEST_SAMPLE);
  return others === 0 ? text : `${text} (and ${others} more lines)`;
}
