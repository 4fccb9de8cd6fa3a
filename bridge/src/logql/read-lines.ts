import { ToolError } from '../errors.ts';
import type { Loki, LokiAnswer, LokiWindow } from '../upstreams/loki.ts';
import type { Direction, LokiStream } from '../upstreams/loki-result.ts';
import { sourceStreams } from './stream-labels.ts';

/** Where the lines that were read end, and the rest begins. */
export interface LinesRead {
  streams: readonly LokiStream[];
  /** Lines of all streams. */
  lines: number;
  /**
   * Where to go on, nanoseconds: the end of the window that is left to be read, or its start when the oldest come first. Null when
   * these are all lines.
   */
  rest: bigint | null;
}

/**
 * Reads `most` lines of a window, or as many as the server gives. Where there are more, those at the last moment are left out: of
 * them some may be missing, and who goes on from that moment must get none twice and miss none.
 */
export function linesOf(found: readonly LokiStream[], most: number, direction: Direction): LinesRead {
  const all = found.reduce((sum, { entries }) => sum + entries.length, 0);
  const isAll = all < most;
  const times = isAll ? [] : found.flatMap(({ entries }) => entries.map(({ time }) => time));
  const last = isAll ? null : extreme(times, direction);
  // Where all are of one moment there is nothing to leave out, and nowhere to go on from.
  const isOneMoment = last === null || times.every((time) => time === last);
  const kept = isOneMoment
    ? found
    : found.map(({ labels, entries }) => ({ labels, entries: entries.filter(({ time }) => time !== last) }));
  const streams = sourceStreams(kept.filter(({ entries }) => entries.length > 0)).map((stream) =>
    inOrder(stream, direction),
  );
  const lines = streams.reduce((sum, { entries }) => sum + entries.length, 0);
  const rest =
    last === null ? null : direction === 'backward' ? last + (isOneMoment ? 0n : 1n) : last + (isOneMoment ? 1n : 0n);
  return { streams, lines, rest };
}

/** Asks for lines; where the server allows fewer than `most`, for as many as it does. */
export async function queryLines(
  loki: Loki,
  logql: string,
  range: LokiWindow & { most: number; direction: Direction },
  signal: AbortSignal,
): Promise<{ answer: LokiAnswer; most: number }> {
  const { most, ...window } = range;
  try {
    return { answer: await loki.queryRange(logql, { ...window, limit: most }, signal), most };
  } catch (error) {
    const allowed = error instanceof ToolError && error.code === 'too_large' ? allowedBy(error.message) : null;
    if (allowed === null || allowed >= most) throw error;
    return { answer: await loki.queryRange(logql, { ...window, limit: allowed }, signal), most: allowed };
  }
}

/** `max entries limit per query exceeded, limit > max_entries_limit_per_query (5001 > 5000)`. */
function allowedBy(words: string): number | null {
  const [, allowed] = /max entries limit.*\(\d+ > (\d+)\)/i.exec(words) ?? [];
  return allowed === undefined ? null : Number(allowed);
}

function extreme(times: readonly bigint[], direction: Direction): bigint | null {
  let found = times[0] ?? null;
  for (const time of times)
    if (found !== null && (direction === 'backward' ? time < found : time > found)) found = time;
  return found;
}

/** Streams that were put together are no longer in order. */
function inOrder({ labels, entries }: LokiStream, direction: Direction): LokiStream {
  const sign = direction === 'backward' ? -1 : 1;
  return { labels, entries: entries.toSorted((a, b) => (a.time === b.time ? 0 : a.time < b.time ? -sign : sign)) };
}
