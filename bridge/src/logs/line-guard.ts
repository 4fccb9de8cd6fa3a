import { cleanText } from '../clean-text.ts';
import { redact, secretMarker } from '../redact.ts';
import type { ByteLine } from './byte-lines.ts';
import { lostMark } from './cut-line.ts';

/**
 * Makes the lines of one log fit to be read: escape sequences and invisible characters removed, credentials replaced.
 * What was not held of a huge line is said at its end, for `cutLine`. It remembers what came before: a private key in PEM has a
 * line of its own for every 48 bytes, so the lines of a key are hidden between its BEGIN and END, and before an END whose BEGIN
 * the log no longer has; and of JSON or YAML over lines the name of a credential stands on the line before its value.
 */
export function createLineGuard(): (line: ByteLine) => string {
  // A log that is read from its middle may begin within a key.
  let inKey = MAX_KEY_LINES;
  let isStart = true;
  const isNamedBefore = createNameMemory();
  return ({ text, lost }) => {
    const clean = withIndent(text);
    const isValue = isNamedBefore(clean);
    if (inKey > 0) {
      if (KEY_END.test(clean)) {
        inKey = 0;
        return HIDDEN;
      }
      if (isStart ? REST_OF_KEY.test(clean) : MATERIAL.test(clean)) {
        inKey -= 1;
        return HIDDEN;
      }
      inKey = isStart ? 0 : inKey - 1;
    }
    isStart = false;
    if (KEY_BEGIN.test(clean) && !KEY_END.test(clean)) inKey = MAX_KEY_LINES;
    if (isValue) return hiddenValue(clean, lost);
    return lost === 0 ? redact(clean) : `${redactCut(clean)}${lostMark(lost)}`;
  };
}

const HIDDEN = '[redacted: private key]';
/** An RSA key of 16,384 bits has some 200. */
const MAX_KEY_LINES = 400;
const KEY_BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----/;
const KEY_END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----/;
/** Base64 that fills a line or ends it after a logger's own words, and the headers of an encrypted key (RFC 1421). */
const MATERIAL = /^\s*[A-Za-z0-9+/]{1,76}={0,2}$|[ |:"][A-Za-z0-9+/]{40,76}={0,2}"?$|^\s*(?:Proc-Type|DEK-Info): /;
/** Without a BEGIN only what nobody writes into a log otherwise: the full lines of PEM (RFC 7468). */
const REST_OF_KEY = /(?:^|[ |:"])[A-Za-z0-9+/]{64,76}"?$/;

/** The quotes close what the cut left open: without them the rules would not see a quoted secret that goes on beyond. */
function redactCut(text: string): string {
  return redact(`${text}"'`).replace(/"'$/, '');
}

/** Tells whether a line is the value that the line before it has the name of. */
function createNameMemory(): (line: string) => boolean {
  let before = '';
  return (line) => {
    const isNamed = VALUE.test(line)
      ? redact(`${before}\n${line}`).split('\n')[1] !== redact(line)
      : OPENING.test(before) && indentOf(line) > indentOf(before) && isValueOf(before, line);
    // All lines of a block belong to the line above it.
    if (!isNamed || !BLOCK.test(before)) before = line;
    return isNamed;
  };
}

/** Whether the two would be a name and a credential if they stood on one line. */
function isValueOf(before: string, line: string): boolean {
  const name = before.replace(BLOCK, '$1').trim();
  const value = line.trim();
  return redact(`${name} ${value}`) !== `${redact(name)} ${redact(value)}`;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function hiddenValue(line: string, lost: number): string {
  const [, name = '', value = ''] = NAME_OF_VALUE.exec(line) ?? [];
  return `${name}${secretMarker(value)}${lost === 0 ? '' : lostMark(lost)}`;
}

/** The second line of `name: DB_PASSWORD` and `value: …`. */
const VALUE = /^ *(?:- )?["']?value["']? ?[:=]/i;
const OPENING = /[:=] ?(?:[|>][+-]?)?$/;
/** YAML that goes on below, without its sign. */
const BLOCK = /([:=]) ?[|>][+-]?$/;
const NAME_OF_VALUE = /^( *(?:(?:- )?["']?value["']? ?[:=] ?)?["']?)(.*?)["']?,?$/i;

function withIndent(text: string): string {
  const clean = cleanText(text);
  if (!/^\s/.test(text)) return clean;
  const indent = /^[ \t]{0,40}/.exec(text)?.[0].replaceAll('\t', '  ') ?? '';
  return clean === '' ? '' : `${indent}${clean}`;
}
