import { plainText } from '../plain-text.ts';

/** Longest value taken over; names and versions are far shorter. */
const MAX_VALUE_BYTES = 512;

/**
 * Reads paragraphs of `Key: value` lines with an empty line after each (deb-control(5), the database of apk), without turning
 * the whole into text: a status file has a hundred times more in it than is asked for. Every other line is passed over, so
 * continuation lines, too. Carriage returns at line ends do not count.
 * @param keys with their colon, for example `Package:`
 * @param take gets the values of one paragraph in the order of `keys`, null where it has none; the first of several counts
 * @returns whether the end is that of a line: it is not when a file was cut off
 */
export function readParagraphs(
  bytes: Buffer,
  keys: readonly string[],
  take: (values: readonly (string | null)[]) => void,
): boolean {
  const wanted = keys.map((key) => Buffer.from(key));
  // Few lines begin with a letter that is asked for: the rest need no further look.
  const initials = new Uint8Array(256);
  for (const [initial] of wanted) initials[initial ?? 0] = 1;
  let values: (string | null)[] = keys.map(() => null);
  let hasLines = false;
  let start = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(0x0a, start);
    const next = newline < 0 ? bytes.length : newline;
    const end = next > start && bytes[next - 1] === 0x0d ? next - 1 : next;
    if (end === start) {
      if (hasLines) {
        take(values);
        values = keys.map(() => null);
        hasLines = false;
      }
    } else {
      hasLines = true;
      if (initials[bytes[start] ?? 0] === 1) {
        const index = wanted.findIndex((key) => startsWith(bytes, start, end, key));
        const key = wanted[index];
        if (key !== undefined && values[index] === null) values[index] = readValue(bytes, start + key.length, end);
      }
    }
    start = next + 1;
  }
  if (hasLines) take(values);
  return bytes.length === 0 || bytes[bytes.length - 1] === 0x0a;
}

function startsWith(bytes: Buffer, start: number, end: number, key: Buffer): boolean {
  if (end - start < key.length) return false;
  for (let at = 0; at < key.length; at += 1) if (bytes[start + at] !== key[at]) return false;
  return true;
}

function readValue(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, Math.min(end, start + MAX_VALUE_BYTES));
  return /^[ -~]*$/.test(text) ? text.trim() : plainText(text);
}
