/**
 * Text from hosts, logs and upstreams as it may be shown: escape sequences, control and invisible characters removed, white
 * space folded to single spaces. Such text is data; nothing in it may act on a terminal or hide from a reader.
 */
export function cleanText(text: string): string {
  if (PLAIN.test(text)) return text;
  return visibleText(text).replace(/\s+/g, ' ').trim();
}

/** The text with its white space as it is, without escape sequences and what else nobody sees. */
export function visibleText(text: string): string {
  return ASCII.test(text) ? text : text.replace(ESCAPE_SEQUENCE, '').replace(INVISIBLE, '');
}

const PLAIN = /^(?:[!-~]+(?: [!-~]+)*)?$/;

const ESC = String.fromCharCode(0x1b);
const BEL = String.fromCharCode(0x07);

// CSI, OSC up to BEL or ST, and two-character escapes of ECMA-48. An OSC without end is taken as far as it goes: the pattern
// of node:util takes quadratic time on many of those, which a log line can hold.
const ESCAPE_SEQUENCE = new RegExp(
  [`${ESC}\\[[0-?]*[ -/]*[@-~]`, `${ESC}\\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)?`, `${ESC}[@-Z\\\\-_]`].join('|'),
  'g',
);

// C0, DEL, C1 but for white space; soft hyphen, bidirectional marks, zero-width characters, tags, the byte order mark, which
// JavaScript takes for white space; lone surrogates.
const INVISIBLE = /[^\P{Cc}\s]|[\p{Cf}\p{Cs}]/gu;
const ASCII = /^[\t\n\r -~]*$/;
