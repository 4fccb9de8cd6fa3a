/**
 * Text from hosts, logs and upstreams as it may be shown: escape sequences, control and invisible characters removed, white
 * space folded to single spaces. Such text is data; nothing in it may act on a terminal or hide from a reader.
 */
export function cleanText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(ESCAPE_SEQUENCE, '').replace(/\s+/g, ' ').replace(INVISIBLE, '').trim();
}

/** The text with its white space as it is, without escape sequences and what else nobody sees. */
export function visibleText(text: string): string {
  return HIDDEN.test(text) ? text.replace(ESCAPE_SEQUENCE, '').replace(NO_SPACE, '') : text;
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

// C0, DEL, C1; soft hyphen, bidirectional marks, zero-width characters, tags, the byte order mark; lone surrogates.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}]/gu;
/** The same but for white space. */
const NO_SPACE = /[^\P{Cc}\s]|[\p{Cf}\p{Cs}]/gu;
const HIDDEN = new RegExp(NO_SPACE.source, 'u');
