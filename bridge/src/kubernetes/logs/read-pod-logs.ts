import { ToolError } from '../../errors.ts';
import { createFolder, type Folded } from '../../logs/fold-lines.ts';
import type { LineFilter } from '../../logs/line-filter.ts';
import type { Kubernetes } from '../../upstreams/kubernetes.ts';
import { inParallel } from '../in-parallel.ts';
import type { LogContainer } from './log-containers.ts';
import type { LogFailure } from './log-gaps.ts';
import { type LogPlan, logOptions, whySilent } from './log-reading-plan.ts';
import { type LogReading, readPodLog } from './pod-logs.ts';

interface Reading extends LogPlan {
  filter: LineFilter;
  isFolded: boolean;
  labelOf(container: LogContainer): string;
  /** When to be content with what was read, milliseconds; well within the deadline of a call unless given. */
  patienceMs?: number;
  /** Bytes to read of one log; 64 MiB unless given. */
  maxBytes?: number;
}

export interface PodLogs {
  readings: LogReading[];
  failures: LogFailure[];
  /** Containers that have no log. */
  silent: { container: LogContainer; reason: string }[];
  folded: Folded | null;
}

const CONCURRENCY = 8;
const PATIENCE_MS = 15_000;
const MAX_BYTES_OF_LOG = 64 * 1024 * 1024;
const MAX_BYTES = 256 * 1024 * 1024;

/**
 * Reads the logs of containers, eight at once. One that fails is a row of `failures` and costs the others nothing.
 * @throws {ToolError} the first failure, where no log could be read at all
 */
export async function readPodLogs(
  kubernetes: Kubernetes,
  containers: readonly LogContainer[],
  { patienceMs = PATIENCE_MS, maxBytes = MAX_BYTES_OF_LOG, ...reading }: Reading,
  signal: AbortSignal,
): Promise<PodLogs> {
  const { filter, labelOf, lines, previous, isFolded } = reading;
  const states = containers.map((container) => ({ container, reason: whySilent(container, previous) }));
  const silent = states.flatMap(({ container, reason }) => (reason === null ? [] : [{ container, reason }]));
  const speaking = states.filter(({ reason }) => reason === null).map(({ container }) => container);
  const folder = isFolded ? createFolder() : null;
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), patienceMs);
  const work = {
    filter,
    newest: lines,
    folder,
    labelOf,
    maxBytes,
    budget: { bytes: MAX_BYTES },
    patience: patience.signal,
    signal,
  };
  try {
    const outcomes = await inParallel(speaking, CONCURRENCY, async (container) => {
      try {
        return await readPodLog(kubernetes, container, logOptions(reading), work);
      } catch (error) {
        if (signal.aborted || !(error instanceof ToolError)) throw error;
        return { container, error };
      }
    });
    const readings = outcomes.flatMap((outcome) => ('error' in outcome ? [] : [outcome]));
    const failures = outcomes.flatMap((outcome) => ('error' in outcome ? [outcome] : []));
    const [first] = failures;
    if (readings.length === 0 && first !== undefined) throw first.error;
    return { readings, failures, silent, folded: folder?.folded() ?? null };
  } finally {
    clearTimeout(timer);
  }
}
