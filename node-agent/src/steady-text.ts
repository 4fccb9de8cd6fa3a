/**
 * A number that stands alone, with what it counts in where that is a unit. Not digits that are part of a name, a version, an
 * address, a date or a path (`md0`, `6.1.0-29`, `10.0.0.1`, `2026-11-22`, `/proc/1`), nor how a service ended, which is a fact.
 */
const FIGURE =
  /(?<![\w./:@-]|\b(?:PID|status|signal) )[-+]?\d+(?:\.\d+)?(?:%|ms|[smhd])?(?: (?:[KMGT]iB|\u00b0C|MHz|ms|min|s)\b)?(?![./:-]?\w)/gu;

/** `60m ago`, `5 restarts`, `3.2 GiB left`: without its figure it says nothing. */
const ONLY_A_FIGURE = /^\u2026 \w+(?: \w+)?$/u;

/**
 * The text of a finding without what changes from one minute to the next: `…` in place of each figure, and of the parts that
 * commas separate those that then say nothing are dropped, unless there is no other.
 */
export function steadyText(text: string): string {
  const words = text
    .replace(/\bexpires in \d+[smhd]\b/, 'expires soon')
    .replace(/\bexpired \d+[smhd] ago\b/, 'expired')
    .replace(/\b(in|of) the last \d+(?:\.\d+)? (?:min|s)\b/, '$1 the last minutes');
  const [first = '', ...rest] = words.replace(FIGURE, '…').split(', ');
  const telling = [first, ...rest].filter((part) => !ONLY_A_FIGURE.test(part));
  return telling.length > 0 ? telling.join(', ') : first;
}
