import { safeText } from './safe-text.ts';

/**
 * Free text from a host, `max` characters at most. It is redacted before it is cut: half a secret would no longer be recognized
 * as one.
 */
export function briefText(text: string, max: number): string {
  const whole = safeText(text);
  return whole.length <= max ? whole : `${whole.slice(0, max - 1).trimEnd()}…`;
}

/** `a, b, c and 4 more`. */
export function listNames(names: readonly string[], max: number): string {
  const shown = names.slice(0, max).join(', ');
  return names.length > max ? `${shown} and ${names.length - max} more` : shown;
}

/** `1 node`, `3 nodes`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
