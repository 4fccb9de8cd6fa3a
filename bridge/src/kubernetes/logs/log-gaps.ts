import type { Coverage } from '../../answer.ts';
import { briefText, listNames } from '../../brief-text.ts';
import type { ToolError } from '../../errors.ts';
import { showBytes } from '../../format-bytes.ts';
import { showTime } from '../../logs/show-entry.ts';
import type { LogContainer } from './log-containers.ts';
import { LINES_SEARCHED } from './log-reading-plan.ts';
import type { LogReading } from './pod-logs.ts';

/** A log that could not be read at all. */
export interface LogFailure {
  container: LogContainer;
  error: ToolError;
}

const NAMES_SHOWN = 5;
const LONGEST_REASON = 300;

type LabelOf = (container: LogContainer) => string;

/** Containers that have no log to read, by the reason, so that a hundred that pull the same image are one line. */
export function silentNotes(
  containers: readonly { container: LogContainer; reason: string }[],
  labelOf: LabelOf,
): string[] {
  const byReason = Map.groupBy(containers, ({ reason }) => briefText(reason, LONGEST_REASON));
  return [...byReason].map(
    ([reason, group]) =>
      `${listNames(
        group.map(({ container }) => labelOf(container)),
        NAMES_SHOWN,
      )}: ${reason}`,
  );
}

/** Logs without a line, where others have some. */
export function emptyLogs(
  readings: readonly LogReading[],
  isWindow: boolean,
): { container: LogContainer; reason: string }[] {
  const empty = readings.filter(({ lines, stopped, problem }) => lines === 0 && stopped === null && problem === null);
  const reason = isWindow ? 'no lines in this window' : 'the log is empty';
  return empty.length === readings.length ? [] : empty.map(({ container }) => ({ container, reason }));
}

/** Containers that wait between two runs, whose log is that of the last. */
export function betweenRuns(readings: readonly LogReading[]): { container: LogContainer; reason: string }[] {
  return readings.flatMap(({ container }) =>
    container.between === null
      ? []
      : [{ container, reason: `waits to start again, ${container.between}; this is the log of its last run` }],
  );
}

/** Logs that were not read to their end, and where that was. */
export function stopNotes(readings: readonly LogReading[], labelOf: LabelOf, now: Date): string[] {
  return readings.flatMap(({ container, stopped, problem, lines, bytes, lastTime }) => {
    const label = labelOf(container);
    const at = lastTime === null ? '' : ` at ${showTime(lastTime, now)}`;
    return [
      ...(stopped === 'bytes' ? [`${label}: stopped after ${showBytes(bytes)}${at}; newer lines were not read`] : []),
      ...(stopped === 'time' ? [`${label}: it took too long, stopped after ${lines} lines${at}`] : []),
      ...(stopped instanceof Error
        ? [`${label}: broke off after ${lines} lines${at}: ${briefText(stopped.message, LONGEST_REASON)}`]
        : []),
      ...(problem === null ? [] : [`${label}: the kubelet says: ${briefText(problem, LONGEST_REASON)}`]),
    ];
  });
}

/** Logs that may have older lines than were searched. */
export function searchNotes(readings: readonly LogReading[], labelOf: LabelOf): string[] {
  const full = readings.filter(({ lines }) => lines >= LINES_SEARCHED);
  if (full.length === 0) return [];
  const labels = listNames(
    full.map(({ container }) => labelOf(container)),
    NAMES_SHOWN,
  );
  return [`${labels}: only the newest ${LINES_SEARCHED} lines were searched`];
}

/** Who could not be read; left out where all could. */
export function logCoverage(
  readings: readonly LogReading[],
  failures: readonly LogFailure[],
  labelOf: LabelOf,
): Coverage | undefined {
  if (failures.length === 0) return undefined;
  return {
    asked: readings.length + failures.length,
    answered: readings.length,
    missing: failures.map(({ container, error }) => ({
      node: labelOf(container),
      reason: briefText(`${error.code}: ${error.message}`, LONGEST_REASON),
      lastSeen: null,
    })),
  };
}
