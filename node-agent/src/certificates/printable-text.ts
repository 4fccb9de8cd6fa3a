import { stripVTControlCharacters } from 'node:util';

/**
 * Text of unknown origin (a name in a certificate, a key in a kubeconfig) as it may stand in an answer: terminal sequences,
 * control, zero-width, bidirectional and unpaired surrogate characters are removed, and it ends in `…` when it had more than
 * `maxLength` characters (UTF-16 units).
 */
export function printableText(text: string, maxLength: number): string {
  const head = text.slice(0, maxLength * 4);
  const clean = stripVTControlCharacters(head).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '');
  if (clean.length <= maxLength && head.length === text.length) return clean;
  return `${clean.slice(0, maxLength - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
