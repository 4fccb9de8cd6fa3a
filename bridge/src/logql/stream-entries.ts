import { setImmediate as breathe } from 'node:timers/promises';
import { cleanText } from '../clean-text.ts';
import { createTraceJoiner } from '../logs/join-traces.ts';
import { createLineGuard } from '../logs/line-guard.ts';
import type { LogEntry } from '../logs/log-entry.ts';
import { type Level, parseLevel } from '../logs/log-level.ts';
import type { Direction, LokiEntry, LokiStream } from '../upstreams/loki-result.ts';
import { showNanoseconds } from './nanoseconds.ts';

/** A message of a stream. */
export interface StreamEntry extends LogEntry {
  /** When its first and its last line came, nanoseconds since the epoch. */
  at: bigint;
  until: bigint;
  /** What Loki or the collector took its level for; null where they did not say. */
  level: Level | null;
}

/** Characters of a line that are looked at; Loki itself takes no more than 256 kB. */
const LONGEST_LINE = 64 * 1024;
const MOST_LINES = 200;
/** Lines between two looks at what else there is to do: redacting a thousand takes some 30 ms. */
export const AT_ONCE = 250;

/** The messages of a stream, oldest first: redacted, cleaned, the lines of a trace together, empty lines left out. */
export async function entriesOf({ entries }: LokiStream, direction: Direction): Promise<StreamEntry[]> {
  const found: StreamEntry[] = [];
  const guard = createLineGuard();
  let open: { first: LokiEntry; last: LokiEntry } | null = null;
  const give = ({ time, lines, more }: LogEntry) => {
    if (open !== null)
      found.push({ time, lines, more, at: open.first.time, until: open.last.time, level: levelOf(open.first) });
    open = null;
  };
  const joiner = createTraceJoiner(give);
  const read = (text: string) =>
    guard({ text: text.slice(0, LONGEST_LINE), lost: Math.max(0, text.length - LONGEST_LINE) });
  for (const [index, entry] of (direction === 'backward' ? entries.toReversed() : entries).entries()) {
    if (index % AT_ONCE === AT_ONCE - 1) await breathe();
    const time = showNanoseconds(entry.time);
    const lines = entry.line
      .split(/\r?\n/)
      .map(read)
      .filter((line) => line !== '');
    const [text, ...others] = lines;
    if (text === undefined) continue;
    if (others.length > 0) {
      // The collector put these together already.
      joiner.end();
      open = { first: entry, last: entry };
      give({ time, lines: lines.slice(0, MOST_LINES), more: Math.max(0, lines.length - MOST_LINES) });
      continue;
    }
    joiner.push({ time, text });
    // The joiner has given what was open, or has taken this line into it.
    open = { first: firstOf(open) ?? entry, last: entry };
  }
  joiner.end();
  return found;
}

function firstOf(open: { first: LokiEntry } | null): LokiEntry | null {
  return open?.first ?? null;
}

function levelOf({ metadata, parsed }: LokiEntry): Level | null {
  return parseLevel(cleanText(metadata.detected_level ?? parsed.level ?? ''));
}
