/** Longest text taken over from the host; names and states are far shorter. */
const MAX_LENGTH = 512;

/**
 * Text of the host as it may be shown: one line, without control and formatting characters (escape sequences, bidirectional
 * overrides, zero-width marks), trimmed, at most 512 characters.
 */
export function plainText(text: string): string {
  return text
    .replace(/[\t\n\v\f\r\u2028\u2029]+/gu, ' ')
    .replace(/\p{C}/gu, '')
    .trim()
    .slice(0, MAX_LENGTH);
}
