import { stripVTControlCharacters } from 'node:util';

/**
 * Text of the host as it may be shown: one line without terminal sequences, control, zero-width, bidirectional and unpaired
 * surrogate characters, trimmed. It ends in `…` when it had more than `maxLength` characters (UTF-16 units).
 * @param maxLength 512 unless told: names and states are far shorter
 */
export function plainText(text: string, maxLength = 512): string {
  // Nearly all there is: nothing to take out.
  if (text.length <= maxLength && /^[ -~]*$/.test(text)) return text.trim();
  // Four times as much is plenty for what will be taken out, and a megabyte is not worth searching for it.
  const head = text.slice(0, maxLength * 4);
  const clean = stripVTControlCharacters(head)
    .replace(/[\t\n\v\f\r\u2028\u2029]+/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
    .trim();
  if (clean.length <= maxLength && head.length === text.length) return clean;
  return `${clean.slice(0, maxLength - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
