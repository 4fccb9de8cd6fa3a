import { cleanText } from '../clean-text.ts';
import { type LogRecord, parseRecord } from './log-record.ts';

/**
 * What a line has in common with others of its kind: times, addresses, ids, numbers and durations are replaced by `<time>`,
 * `<ip>`, `<id>`, `<n>` and `<dur>`. A record (JSON, logfmt, klog) is generalised by its level, message, error and status; an
 * access log by method, path and status. What follows status, code or exit is kept, and so are places in source files, since
 * they tell kinds apart. Looks at the first 2,000 characters of
 * a text or message; takes linear time; the template of a template is itself.
 */
export function templateOf(line: string): string {
  let text = line;
  // What a rule leaves may be what another takes, such as JSON within a message.
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = generalise(text);
    if (next === text) break;
    text = next;
  }
  return text.slice(0, LONGEST).trim();
}

const LONGEST = 2000;
const ROUNDS = 6;

function generalise(text: string): string {
  const record = parseRecord(text);
  if (record !== null && record.message !== '') return generaliseText(outlineOf(record));
  const access = ACCESS.exec(text.slice(0, LONGEST));
  if (access === null) return generaliseText(text);
  const [, host = '', method = '', path = '', status = ''] = access;
  return `${generaliseText(`${host} ${method} ${path}`)} status ${status}`;
}

function outlineOf({ level, message, fields }: LogRecord): string {
  const telling = fields.filter(([name, value]) => TELLING.has(name.toLowerCase()) && value !== '');
  const rest = telling.map(([name, value]) => `${name}=${value}`);
  return [...(level === null ? [] : [level]), message, ...rest].join(' ');
}

/** Fields without which two failures would look like one. */
const TELLING: ReadonlySet<string> = new Set(
  'err error error.message exception exc_info cause reason code status status_code statuscode'.split(' '),
);

function generaliseText(text: string): string {
  const clean = cleanText(text.slice(0, LONGEST));
  const withPods = clean.includes('-') ? clean.replace(LETTERS_ONLY_POD, '-<id>') : clean;
  if (!/\d/.test(withPods)) return withPods;
  return replaceNumbered(withPods.replace(MOMENT, '<time>')).replace(REPEATED, '$1');
}

/** Most words have no digit: only the pieces between spaces and brackets that have one are worth a look. */
function replaceNumbered(text: string): string {
  let result = '';
  let done = 0;
  DIGIT.lastIndex = 0;
  for (let found = DIGIT.exec(text); found !== null; found = DIGIT.exec(text)) {
    let start = found.index;
    while (start > done && isPiece(text.charCodeAt(start - 1))) start -= 1;
    let end = found.index + 1;
    while (end < text.length && isPiece(text.charCodeAt(end))) end += 1;
    const replace = (token: string, offset: number) => placeholderOf(token, start + offset, text);
    result += text.slice(done, start) + text.slice(start, end).replace(TOKEN, replace);
    done = end;
    DIGIT.lastIndex = end;
  }
  return result + text.slice(done);
}

const DIGIT = /\d/g;

/** Letters, digits and `-./:_µ`. */
function isPiece(code: number): boolean {
  return (
    (code >= 0x2d && code <= 0x3a) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a) || code === 0x5f || code === 0xb5
  );
}

function placeholderOf(token: string, offset: number, whole: string): string {
  if (!/\d/.test(token)) return token;
  if (UUID.test(token)) return '<id>';
  if (ADDRESS.test(token)) return '<ip>';
  if (SOURCE.test(token)) return token;
  if (/^v\d+(?:\.\d+)+$/.test(token)) return '<n>';
  if (/^\d/.test(token)) {
    if (isTelling(token, whole.slice(Math.max(0, offset - 24), offset))) return token;
    if (DURATION.test(token)) return '<dur>';
    if (/^\d+(?:\.\d+)*(?:[KMGTPE]i?)?B?$/i.test(token)) return '<n>';
  }
  const pod = token.includes('-') ? token.replace(POD_SUFFIX, '') : token;
  const stem = pod.replace(/[A-Za-z0-9\u00b5]+/g, part);
  return pod === token ? stem : `${stem}-<id>`;
}

/** A status or exit code: the number that its neighbours differ by is what matters. */
function isTelling(token: string, before: string): boolean {
  return /^\d{1,3}$/.test(token) ? AFTER_CODE.test(before) : /^\d\.\d$/.test(token) && before.endsWith('HTTP/');
}

/** A piece of a word between dots and dashes. */
function part(text: string): string {
  if (/^\d+$/.test(text)) return '<n>';
  if (!/\d/.test(text) || KNOWN.test(text)) return text;
  if (/^0x/i.test(text) || /^[0-9a-f]{8,}$/i.test(text)) return '<id>';
  const changes = text.match(/[A-Za-z\u00b5](?=\d)|\d(?=[A-Za-z\u00b5])/g)?.length ?? 0;
  if (text.length >= 5 && changes >= 2) return '<id>';
  return changes >= 2 ? text : text.replace(/\d+/, '<n>');
}

const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const CLOCK = '\\d{1,2}:\\d\\d:\\d\\d(?:[.,]\\d{1,9})?';
const MOMENT = new RegExp(
  `(?<![\\w.:])(?:${[
    `\\d{4}[-/]\\d\\d[-/]\\d\\d(?:[T ]\\d\\d:\\d\\d(?::\\d\\d(?:[.,]\\d{1,9})?)?(?: ?(?:Z|UTC|[+-]\\d\\d:?\\d\\d))?)?`,
    `\\d{1,2}/${MONTH}/\\d{4}[: ]${CLOCK}(?: [+-]\\d{4})?`,
    `(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(?:${MONTH} {1,2}\\d{1,2}|\\d{1,2} ${MONTH}(?: \\d{4})?),? ${CLOCK}(?: (?:[A-Z]{3,4}|[+-]\\d{4}))?(?: \\d{4})?`,
    `${CLOCK}Z?`,
  ].join('|')})(?![\\w:])`,
  'g',
);

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:]*:[0-9a-f]*)(?::\d{1,5})?(?:\/\d{1,2})?$/i;
const SOURCE = /^[\w.-]+\.(?:go|py|js|ts|mjs|cjs|java|kt|scala|cs|rb|rs|c|cc|cpp|h|php|ex|exs):\d+(?::\d+)?$/;
const DURATION = /^(?:\d+(?:\.\d+)?(?:ns|us|\u00b5s|ms|secs?|seconds?|mins?|minutes?|hours?|[smhd]))+$/;
/** `v1`, `v1beta1`, `http2`, `s3`: short words with a number that does not vary. */
const KNOWN = /^(?:v\d+(?:(?:alpha|beta|rc)\d+)?|[A-Za-z]{1,4}\d|k8s|k3s|p\d\d|x509|sha\d+|utf\d+|base64|ipv[46])$/i;
const AFTER_CODE = /(?:status|code|exit|exited|errno|signal|HTTP(?:\/\d(?:\.\d)?"?)?)["']?[ =:]{1,2}["']?$/i;
/** What a controller appends: a hash and five letters of an alphabet without vowels (k8s.io/apimachinery util/rand). */
const POD_SUFFIX = /(?:-[b-df-hj-np-tv-xz2-9]{6,10})?-(?!https?\d?$|grpcs$)[b-df-hj-np-tv-xz2-9]{5}$/;
/** One in five has no digit. */
const LETTERS_ONLY_POD =
  /(?<=[A-Za-z0-9])(?:-[b-df-hj-np-tv-xz2-9]{6,10})?-(?!https|grpcs)[b-df-hj-np-tv-xz]{5}(?![\w-])/g;

const TOKEN = new RegExp(
  [
    '(?<![\\w:.])(?=[0-9a-fA-F:]{0,40}\\d)(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?:/\\d{1,3})?(?![\\w:])',
    '(?<![\\w.-])\\d{1,3}(?:\\.\\d{1,3}){3}(?::\\d{1,5})?(?:/\\d{1,2})?(?![\\w.-]*\\w)',
    '[A-Za-z][\\w-]*\\.(?:go|py|js|ts|mjs|cjs|java|kt|scala|cs|rb|rs|c|cc|cpp|h|php|exs?):\\d+(?::\\d+)?(?!\\w)',
    '[A-Za-z0-9µ]+(?:[-.][A-Za-z0-9µ]+)*',
  ].join('|'),
  'g',
);
const REPEATED = /(<(?:n|id|ip|dur|time)>)(?:[,; ]{1,2}\1)+/g;

/** Common Log Format and its combined form, of nginx, Apache and many more. */
const ACCESS =
  /^(\S{1,255}) \S{1,255} \S{1,255} \[[^\]]{1,64}\] "([A-Z]{3,10}) ([^"\s?]{0,2000})[^"]{0,4000}" (\d{3}) /;
