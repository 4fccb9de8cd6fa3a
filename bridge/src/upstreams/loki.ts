import type { Direction, LokiResult, LokiStatistics } from './loki-result.ts';
import type { Labels } from './prometheus-result.ts';

/** A span of time, nanoseconds since the epoch; the end is not part of it. */
export interface LokiWindow {
  start: bigint;
  end: bigint;
}

/** What an expression came to, what it cost, and what Loki remarked about it. */
export interface LokiAnswer {
  result: LokiResult;
  /** Null where the server sends none. */
  statistics: LokiStatistics | null;
  warnings: readonly string[];
}

/** What the index knows of the streams of a selector. */
export interface LokiIndexStatistics {
  streams: number;
  chunks: number;
  /** Bytes of lines, uncompressed. Lines that only the ingesters have yet may be missing, so zero does not mean that there is nothing. */
  bytes: number;
  /** Entries of chunks, each counted once per replica: no number of lines. */
  entries: number;
}

/** How much one label value, or one combination of labels, has. */
export interface LokiVolume {
  labels: Labels;
  /** Bytes of lines, uncompressed. */
  bytes: number;
}

/** A label of streams and how many values it has. */
export interface LokiDetectedLabel {
  label: string;
  values: number;
}

/**
 * A Loki, or a server that speaks its HTTP API (https://grafana.com/docs/loki/latest/reference/loki-http-api/). Everything throws
 * `ToolError`: `bad_query` in Loki's own words, `too_large` for its limits and when it is busy, `denied`, `timeout`,
 * `unreachable`, `bad_response`.
 */
export interface Loki {
  readonly name: string;
  /** The address without credentials, for messages. */
  readonly address: string;
  /** A metric query at one moment, now unless `time` (nanoseconds since the epoch) is given. Log queries have a range. */
  query(logql: string, at: { time?: bigint }, signal: AbortSignal): Promise<LokiAnswer>;
  /**
   * `limit` lines at most (Loki's own default is 100, its usual limit 5,000), the newest first unless `direction` is `forward`.
   * `step` (seconds) is for metric queries.
   */
  queryRange(
    logql: string,
    range: LokiWindow & { limit?: number; direction?: Direction; step?: number },
    signal: AbortSignal,
  ): Promise<LokiAnswer>;
  /** Names of labels of streams; with `match` (a stream selector) of those alone, where the server is Loki 3 or later. */
  labels(of: LokiWindow & { match?: string }, signal: AbortSignal): Promise<readonly string[]>;
  labelValues(label: string, of: LokiWindow & { match?: string }, signal: AbortSignal): Promise<readonly string[]>;
  /** The label sets of the streams of a selector. */
  series(match: string, window: LokiWindow, signal: AbortSignal): Promise<readonly Labels[]>;
  /** What a query over these streams would read. Null where the server has no such index statistics (TSDB index, Loki 2.8). */
  indexStats(match: string, window: LokiWindow, signal: AbortSignal): Promise<LokiIndexStatistics | null>;
  /**
   * Volume by label set, the largest first: of the labels named in `targetLabels`, else of those in `match`; by `labels`, one row
   * for each label name instead. At most `limit` rows (100 unless told): as many as that may not be all. Null where the server
   * does not serve it.
   */
  indexVolume(
    match: string,
    of: LokiWindow & { limit?: number; targetLabels?: readonly string[]; aggregateBy?: 'series' | 'labels' },
    signal: AbortSignal,
  ): Promise<readonly LokiVolume[] | null>;
  /** Labels that tell streams apart, without such as are ids by their look. Null where the server does not serve it (Loki 3). */
  detectedLabels(
    of: LokiWindow & { match?: string },
    signal: AbortSignal,
  ): Promise<readonly LokiDetectedLabel[] | null>;
  close(): Promise<void>;
}
