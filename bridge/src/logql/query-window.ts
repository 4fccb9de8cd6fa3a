import { invalidArgument } from '../errors.ts';
import { showDuration } from '../format.ts';
import { readMoment, readSpan } from '../moment.ts';
import type { LokiWindow } from '../upstreams/loki.ts';
import { nanosecondsOf, secondsToNanoseconds } from './nanoseconds.ts';

const FORMS = 'Give a span like 30m, 6h or 2d, or RFC 3339 (2026-03-01T12:00:00Z).';

/**
 * The window that `since` and `until` name, the last `otherwise` (`1h`) unless told. A span in `until` is that long before now,
 * one in `since` that long before `until`, or before now where it says so: `-20m`, `20m ago`. Moments keep their nanoseconds.
 * @throws {ToolError} `invalid_argument`
 */
export function parseWindow(
  { since, until }: { since?: string | undefined; until?: string | undefined },
  now: Date,
  otherwise = '1h',
): LokiWindow {
  const end = until === undefined ? nanosecondsOf(now) : momentOf('until', until, nanosecondsOf(now), now);
  const start = momentOf('since', since ?? otherwise, end, now);
  if (start < end) return { start, end };
  throw invalidArgument(
    since === undefined ? 'until' : 'since',
    `the window would begin ${start === end ? 'when' : 'after'} it ends`,
    `${FORMS} A span in since is counted back from until, one with a minus from now.`,
  );
}

/** How long a window is, in seconds. */
export function lengthOf({ start, end }: LokiWindow): number {
  return Number(end - start) / 1e9;
}

/** `1h`, `2d3h`: the length of a window, to the second unless it is short. */
export function showLength(window: LokiWindow): string {
  const seconds = lengthOf(window);
  return showDuration(seconds < 10 ? seconds : Math.round(seconds), 5);
}

function momentOf(argument: string, text: string, end: bigint, now: Date): bigint {
  const trimmed = text.trim();
  const span = readSpan(trimmed);
  if (span !== null) {
    // What is relative to now by its words stays so.
    const from = /^now|^-|ago$/.test(trimmed) ? nanosecondsOf(now) : end;
    return from - secondsToNanoseconds(span);
  }
  if (/^\d{19}$/.test(trimmed)) return BigInt(trimmed);
  const moment = readMoment(trimmed, now);
  if (moment !== null) return nanosecondsOf(moment) + beyondMilliseconds(trimmed);
  throw invalidArgument(argument, `${JSON.stringify(trimmed)} is neither a span nor a moment`, FORMS);
}

/** The digits of a second that a JavaScript date has no place for. */
function beyondMilliseconds(text: string): bigint {
  const digits = /:\d\d\.\d{3}(\d{1,6})/.exec(text)?.[1] ?? '';
  return BigInt(digits.padEnd(6, '0'));
}
