import { createLineSplitter } from '../../logs/byte-lines.ts';
import type { Folder } from '../../logs/fold-lines.ts';
import { createTraceJoiner } from '../../logs/join-traces.ts';
import type { LineFilter } from '../../logs/line-filter.ts';
import { createLineGuard } from '../../logs/line-guard.ts';
import type { LogEntry } from '../../logs/log-entry.ts';
import { createNewestEntries } from '../../logs/newest-entries.ts';
import type { Kubernetes, LogOptions } from '../../upstreams/kubernetes.ts';
import { unlessAborted } from '../unless-aborted.ts';
import type { LogContainer } from './log-containers.ts';

/** What is done with the entries of all logs of a call. */
export interface LogWork {
  filter: LineFilter;
  /** Entries that are kept of each log. */
  newest: number;
  /** Counts the kinds of entries; null when they are only shown as they are. */
  folder: Folder | null;
  /** What the folder is told of where an entry came from. */
  labelOf(container: LogContainer): string;
  /** Bytes that may be read of each log. */
  maxBytes: number;
  /** Bytes that all logs together may still have; counted down. */
  budget: { bytes: number };
  /** Aborts when what was read so far must do. */
  patience: AbortSignal;
  /** Aborts when nobody waits for the answer. */
  signal: AbortSignal;
}

/** What came of reading one log. */
export interface LogReading {
  container: LogContainer;
  lines: number;
  bytes: number;
  /** Entries after traces were joined, without empty lines. */
  entries: number;
  kept: number;
  excluded: number;
  /** The last of those that were kept, oldest first. */
  newest: LogEntry[];
  /** The time of the last line that was read. */
  lastTime: string | null;
  /** Why the log was not read to its end: it is longer than may be read, it took too long, or it broke off. Null for the end. */
  stopped: 'bytes' | 'time' | Error | null;
  /** What the kubelet said instead of, or after, the log. */
  problem: string | null;
}

/** Bytes of a line that are held, to be redacted and searched. */
const LONGEST_LINE = 256 * 1024;
/** Far more than an answer may have. */
const KEPT_CHARACTERS = 1_000_000;

/**
 * Reads a log in constant memory, whatever its length. A failure after the first byte is part of the result, since what was
 * read is still true.
 * @throws {ToolError} what `Kubernetes.log` throws before any byte came
 */
export async function readPodLog(
  kubernetes: Kubernetes,
  container: LogContainer,
  options: Omit<LogOptions, 'container' | 'timestamps'>,
  work: LogWork,
): Promise<LogReading> {
  const newest = createNewestEntries(work.newest, KEPT_CHARACTERS);
  const guard = createLineGuard();
  const source = work.labelOf(container);
  const reading: LogReading = {
    container,
    lines: 0,
    bytes: 0,
    entries: 0,
    kept: 0,
    excluded: 0,
    newest: [],
    lastTime: null,
    stopped: null,
    problem: null,
  };
  const joiner = createTraceJoiner((entry) => {
    reading.entries += 1;
    const verdict = work.filter.test(entry.lines);
    if (verdict === 'excluded') reading.excluded += 1;
    if (verdict !== 'kept') return;
    reading.kept += 1;
    newest.add(entry);
    work.folder?.add(entry, source);
  });
  const splitter = createLineSplitter(LONGEST_LINE, ({ text, lost }) => {
    const time = timeOf(text);
    const line = guard({ text: time === null ? text : text.slice(time.length + 1), lost });
    if (time === null && KUBELET.test(text)) {
      reading.problem = line;
      return;
    }
    reading.lines += 1;
    if (time !== null) reading.lastTime = time;
    joiner.push({ time, text: line });
  });

  const ended = AbortSignal.any([work.signal, work.patience]);
  const query = { ...options, container: container.name, timestamps: true };
  const chunks = kubernetes
    .log({ namespace: container.namespace, name: container.pod }, query, ended)
    [Symbol.asyncIterator]();
  try {
    for (;;) {
      // A server that sends nothing must not hold the answer.
      const { done, value } = await unlessAborted(chunks.next(), ended);
      if (done === true) break;
      const room = Math.min(work.maxBytes - reading.bytes, work.budget.bytes);
      const chunk = value.length <= room ? value : value.subarray(0, room);
      reading.bytes += chunk.length;
      work.budget.bytes -= chunk.length;
      splitter.push(chunk);
      if (chunk.length < value.length) {
        reading.stopped = 'bytes';
        break;
      }
    }
  } catch (error) {
    work.signal.throwIfAborted();
    if (work.patience.aborted) reading.stopped = 'time';
    else if (reading.bytes === 0 || !(error instanceof Error)) throw error;
    else reading.stopped = error;
  } finally {
    if (reading.stopped !== null) void Promise.resolve(chunks.return?.()).catch(() => undefined);
  }
  // What stands after the last line end is a line only where the log itself ended there.
  if (reading.stopped === null) splitter.end();
  joiner.end();
  reading.newest = newest.oldestFirst();
  return reading;
}

/** The RFC 3339 time that `timestamps` puts before a line; null for a line without. */
function timeOf(text: string): string | null {
  const end = text.charCodeAt(4) === DASH && text.charCodeAt(10) === T ? text.indexOf(' ', 19) : -1;
  if (end < 0 || end > LONGEST_TIME) return null;
  const time = text.slice(0, end);
  return TIME.test(time) ? time : null;
}

const DASH = 0x2d;
const T = 0x54;
const LONGEST_TIME = 35;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
/** What the kubelet writes into the log itself when it cannot read it (pkg/kubelet/kuberuntime). */
const KUBELET =
  /^(?:unable to retrieve container logs for |failed to (?:try resolving symlinks|create fsnotify|open log file))/;
