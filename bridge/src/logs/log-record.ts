import { type Level, levelOfText, parseLevel } from './log-level.ts';

/** A line that says by its form which part is the level, which the message. */
export interface LogRecord {
  level: Level | null;
  /** Empty where the record has no field that is one. */
  message: string;
  /** The time as the record spells it; null where it has none. */
  time: string | null;
  /** The other fields as text, in the order of the line. Objects and lists are JSON. */
  fields: readonly (readonly [name: string, value: string])[];
}

/** JSON of one object, logfmt, or the header of klog; null for any other text. Takes linear time. */
export function parseRecord(line: string): LogRecord | null {
  const text = line.trim();
  if (text.startsWith('{')) return parseJson(text);
  return parseKlog(text) ?? parseLogfmt(text);
}

/** The level of any line: of its record where it is one, else by its words. */
export function levelOf(line: string): Level | null {
  const record = parseRecord(line);
  return record?.level ?? levelOfText(record === null || record.message === '' ? line : record.message);
}

function parseJson(text: string): LogRecord | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? recordOf(Object.entries(value)) : null;
  } catch {
    return null;
  }
}

function recordOf(entries: readonly (readonly [string, unknown])[]): LogRecord {
  // The best name wins wherever it stands: a record may have both `@mt` and `message`, or `msg` and an `event` that is a number.
  const find = (names: readonly string[], fits: (value: unknown) => boolean) => {
    for (const name of names) {
      const found = entries.find(([key, value]) => key.toLowerCase() === name && fits(value));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const message = find(MESSAGE, (value) => typeof value === 'string' && value !== '');
  const level = find(LEVEL, (value) => levelOfValue(value) !== null);
  const time = find(TIME, (value) => typeof value === 'string' || typeof value === 'number');
  const fields = entries
    .filter((entry) => entry !== message && entry !== level && entry !== time)
    .map(([key, value]) => [key, textOf(value)] as const);
  return {
    level: level === undefined ? null : levelOfValue(level[1]),
    message: message === undefined ? '' : textOf(message[1]),
    time: time === undefined ? null : textOf(time[1]),
    fields,
  };
}

function levelOfValue(value: unknown): Level | null {
  return typeof value === 'string' || typeof value === 'number' ? parseLevel(value) : null;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `key=value key="a value"` from the start of the line, with a message or a level among them. */
function parseLogfmt(text: string): LogRecord | null {
  if (!LOGFMT_START.test(text)) return null;
  const entries: (readonly [string, string])[] = [];
  let end = 0;
  PAIR.lastIndex = 0;
  for (let found = PAIR.exec(text); found !== null; found = PAIR.exec(text)) {
    const [, key = '', quoted, bare] = found;
    entries.push([key, quoted === undefined ? (bare ?? '') : unquote(quoted)]);
    end = PAIR.lastIndex;
  }
  if (end < text.length) return null;
  const record = recordOf(entries);
  return record.message === '' && record.level === null ? null : record;
}

function unquote(quoted: string): string {
  try {
    const value: unknown = JSON.parse(quoted);
    return typeof value === 'string' ? value : quoted;
  } catch {
    return quoted.slice(1, -1);
  }
}

/** `E1122 10:00:00.123456       1 file.go:114] message` (k8s.io/klog). */
function parseKlog(text: string): LogRecord | null {
  const found = KLOG.exec(text);
  if (found === null) return null;
  const [header, letter = '', time = ''] = found;
  return { level: KLOG_LEVELS.get(letter) ?? null, time, message: text.slice(header.length), fields: [] };
}

const KLOG = /^([IWEF])(\d{4} \d\d:\d\d:\d\d\.\d+) +\d+ (?=[\w.-]+:\d+\] )/;
const KLOG_LEVELS: ReadonlyMap<string, Level> = new Map([
  ['I', 'info'],
  ['W', 'warn'],
  ['E', 'error'],
  ['F', 'fatal'],
]);

const LOGFMT_START = /^[A-Za-z_@][\w.@-]*=/;
const PAIR = /\s*([A-Za-z_@][\w.@/-]*)=(?:("(?:[^"\\]|\\.)*")|([^\s"]*))(?=\s|$)/y;

/** The names that loggers give to it, the surest first: slog, zap, pino, logrus, Serilog, structlog, ECS, Docker, Google. */
const MESSAGE = ['msg', '@mt', 'message', '@m', 'text', 'textpayload', 'event', 'log', 'body'] as const;
const LEVEL = ['level', 'lvl', 'severity', '@l', 'levelname', 'level_name', 'loglevel', 'log.level'] as const;
const TIME = ['time', 'ts', 'timestamp', '@timestamp', '@t', 't', 'datetime', 'date', 'asctime'] as const;
