import * as z from 'zod';
import { labelOrder } from './label-set.ts';
import { isLabels, isRecord, type Labels, parseQueryResult, type QueryResult } from './prometheus-result.ts';

/** In what order the lines of a stream are: the newest first is `backward`. */
export type Direction = 'backward' | 'forward';

/** One line of a log. */
export interface LokiEntry {
  /** Nanoseconds since the epoch; a number of JavaScript would lose the last digits. */
  time: bigint;
  line: string;
  /** Structured metadata, such as `detected_level` and `trace_id`; empty where there is none, or Loki mixed it into the labels. */
  metadata: Labels;
  /** What parsers of the query (`| json`, `| logfmt`) took from the line; empty where Loki mixed it into the labels. */
  parsed: Labels;
}

/** The lines of one stream, in the direction that was asked for. */
export interface LokiStream {
  /** Of the stream alone; servers older than Loki 3 mix structured metadata and parsed fields into them. */
  labels: Labels;
  entries: readonly LokiEntry[];
}

/** What a LogQL expression came to: lines of streams, or numbers as Prometheus gives them. */
export type LokiResult = QueryResult | { type: 'streams'; streams: readonly LokiStream[] };

/** What a query cost, from `stats.summary` of its answer. */
export interface LokiStatistics {
  /** Bytes of lines read, uncompressed. */
  bytes: number;
  /** Lines read, before filters. */
  lines: number;
  /** Lines left by the filters of the query before `limit`; null where this Loki does not say. */
  linesMatched: number | null;
  /** Chunks read, of ingesters and of the store. */
  chunks: number;
  /** Seconds it ran. */
  seconds: number;
  /** Seconds it waited for its turn. */
  queuedSeconds: number;
}

const Statistics = z.object({
  summary: z.object({
    totalBytesProcessed: z.number(),
    totalLinesProcessed: z.number(),
    totalPostFilterLines: z.number().optional(),
    execTime: z.number(),
    queueTime: z.number().default(0),
  }),
  querier: z.object({ store: z.object({ totalChunksDownloaded: z.number().default(0) }) }).optional(),
  ingester: z.object({ totalChunksMatched: z.number().default(0) }).optional(),
});

/** Reads the `stats` of an answer's data; null when they are not there. */
export function parseStatistics(stats: unknown): LokiStatistics | null {
  const read = Statistics.safeParse(stats).data;
  if (read === undefined) return null;
  const { summary, querier, ingester } = read;
  return {
    bytes: summary.totalBytesProcessed,
    lines: summary.totalLinesProcessed,
    linesMatched: summary.totalPostFilterLines ?? null,
    chunks: (querier?.store.totalChunksDownloaded ?? 0) + (ingester?.totalChunksMatched ?? 0),
    seconds: summary.execTime,
    queuedSeconds: summary.queueTime,
  };
}

/**
 * Reads the `data` of a query's answer (https://grafana.com/docs/loki/latest/reference/loki-http-api/#query-logs-within-a-range-of-time);
 * null when it is something else. Streams by their labels, each once; Loki keeps no order among them, and writes a stream once
 * for each set of parsed fields. Checked by hand, as results of queries are.
 */
export function parseLokiResult(data: unknown, direction: Direction): LokiResult | null {
  if (!isRecord(data)) return null;
  if (data.resultType !== 'streams') return parseQueryResult(data);
  const { result } = data;
  if (result === null) return { type: 'streams', streams: [] };
  if (!Array.isArray(result)) return null;
  const streams = new Map<string, { labels: Labels; entries: LokiEntry[]; parts: number }>();
  for (const part of result) {
    const read = readStream(part);
    if (read === null) return null;
    const key = labelOrder(read.labels);
    const known = streams.get(key);
    if (known === undefined) streams.set(key, { ...read, parts: 1 });
    else {
      for (const entry of read.entries) known.entries.push(entry);
      known.parts += 1;
    }
  }
  const inOrder = [...streams].sort(([a], [b]) => (a < b ? -1 : 1));
  return { type: 'streams', streams: inOrder.map(([, stream]) => inDirection(stream, direction)) };
}

function inDirection(
  { labels, entries, parts }: { labels: Labels; entries: LokiEntry[]; parts: number },
  direction: Direction,
): LokiStream {
  const sign = direction === 'backward' ? -1 : 1;
  if (parts > 1) entries.sort((a, b) => (a.time === b.time ? 0 : a.time < b.time ? -sign : sign));
  return { labels, entries };
}

function readStream(part: unknown): { labels: Labels; entries: LokiEntry[] } | null {
  if (!isRecord(part) || !isLabels(part.stream) || !Array.isArray(part.values)) return null;
  const entries: LokiEntry[] = [];
  for (const value of part.values) {
    const entry = readEntry(value);
    if (entry === null) return null;
    entries.push(entry);
  }
  return { labels: part.stream, entries };
}

const NONE: Labels = {};

function readEntry(value: unknown): LokiEntry | null {
  if (!Array.isArray(value)) return null;
  const [time, line, categories]: unknown[] = value;
  if (typeof time !== 'string' || typeof line !== 'string' || !/^-?\d{1,20}$/.test(time)) return null;
  const { structuredMetadata = NONE, parsed = NONE } = isRecord(categories) ? categories : {};
  if (!isLabels(structuredMetadata) || !isLabels(parsed)) return null;
  return { time: BigInt(time), line, metadata: structuredMetadata, parsed };
}
