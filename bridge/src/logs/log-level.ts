/** How grave a line is, by the common names of syslog, log4j and their kin, the gravest first. */
export const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type Level = (typeof LEVELS)[number];

/** 0 for fatal, 1 for error, 2 for warn, 3 for a line that names no level, then info, debug and trace. */
export function gravity(level: Level | null): number {
  if (level === null) return UNKNOWN;
  const rank = LEVELS.indexOf(level);
  return rank < UNKNOWN ? rank : rank + 1;
}

/** The level a logger's own word or number stands for (bunyan and pino count 10 to 60); null for anything else. */
export function parseLevel(value: string | number): Level | null {
  if (typeof value === 'number') return LEVELS[6 - value / 10] ?? null;
  return NAMES.get(value.toLowerCase()) ?? null;
}

/**
 * The level that a line of plain text names: a word in capitals or brackets near its beginning, `error:`, the name of an
 * exception, a 5xx in an access log. Null when it names none, which is not to say that it is harmless.
 */
export function levelOfText(line: string): Level | null {
  const head = line.slice(0, HEAD);
  const named = WORD.exec(head);
  if (named !== null) return parseLevel(named[1] ?? named[2] ?? named[3] ?? '');
  if (FAILURE.test(head)) return 'error';
  return ACCESS_5XX.test(line.slice(0, ACCESS_HEAD)) ? 'error' : null;
}

const UNKNOWN = 3;
const HEAD = 160;
const ACCESS_HEAD = 2000;

const NAMES: ReadonlyMap<string, Level> = new Map([
  ...['fatal', 'critical', 'crit', 'emerg', 'emergency', 'alert', 'panic', 'dpanic'].map((n) => [n, 'fatal'] as const),
  ...['error', 'err', 'severe', 'eror'].map((name) => [name, 'error'] as const),
  ...['warn', 'warning', 'wrn'].map((name) => [name, 'warn'] as const),
  ...['info', 'information', 'informational', 'inf', 'notice', 'log', 'config'].map((name) => [name, 'info'] as const),
  ...['debug', 'dbg', 'fine', 'finer'].map((name) => [name, 'debug'] as const),
  ...['trace', 'trc', 'verbose', 'finest'].map((name) => [name, 'trace'] as const),
]);

const CAPITALS =
  'FATAL|CRITICAL|CRIT|EMERG|ALERT|PANIC|ERROR|ERR|SEVERE|WARN|WARNING|WRN|INFO|NOTICE|DEBUG|TRACE|VERBOSE';
const LOWER = 'fatal|critical|crit|emerg|alert|panic|error|err|warn|warning|info|notice|debug|trace';
const WORD = new RegExp(
  [
    `(?<![\\w-])(${CAPITALS})(?![\\w-])`,
    `[[(<|](?:\\w+:)?(?i:(${LOWER}))[\\])>|]`,
    `(?:^|\\s)(?i:(fatal|panic|error|err|warn|warning|info|debug)): `,
  ].join('|'),
);
const FAILURE =
  /(?<![\w-])(?:Traceback \(most recent call last\)|Unhandled|Uncaught)|[a-z](?:Exception|Error)(?![\w-])/;
/** Common Log Format: the quoted request, then the status. */
const ACCESS_5XX = /" 5\d\d (?:\d+|-)(?: |$)/;
