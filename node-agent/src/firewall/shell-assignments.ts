import { plainText } from '../plain-text.ts';

/** Longest file of settings that is looked at, characters. */
const MAX_LENGTH = 256 * 1024;

/**
 * Assignments of a file that a shell would source or that has the same form (`KEY=value`, quotes optional), the last of a name
 * counts. Nothing is expanded: a value with `$` in it is left out.
 */
export function parseAssignments(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.slice(0, MAX_LENGTH).split('\n')) {
    const equals = line.indexOf('=');
    if (equals <= 0) continue;
    const name = line.slice(0, equals).trim();
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name)) continue;
    const value = unquoted(line.slice(equals + 1).trim());
    if (value.includes('$') || value.includes('`')) found.delete(name);
    else found.set(name, plainText(value));
  }
  return found;
}

/** The value without its quotes, or without the comment behind it. */
function unquoted(text: string): string {
  const quote = text[0];
  if (quote === '"' || quote === "'") {
    const end = text.indexOf(quote, 1);
    return end === -1 ? text.slice(1) : text.slice(1, end);
  }
  const comment = text.search(/[ \t]#/);
  return comment === -1 ? text : text.slice(0, comment).trim();
}

/** `yes` and `no` in any case; null for anything else. */
export function yesOrNo(value: string | undefined): boolean | null {
  const lower = value?.toLowerCase();
  return lower === 'yes' ? true : lower === 'no' ? false : null;
}
