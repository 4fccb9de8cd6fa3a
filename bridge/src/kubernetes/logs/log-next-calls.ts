import type { NextCall } from '../../answer.ts';
import type { LogContainer } from './log-containers.ts';
import type { LogReading } from './pod-logs.ts';

interface Shown {
  isFolded: boolean;
  /** A container of several of which there is more than is shown. */
  cut: LogContainer | null;
}

/**
 * What an answer about logs leads to: the lines behind the kinds, a wider window where nothing matched, what comes after the
 * place where reading stopped, more of one container, the run before a restart, the events of the pod that restarted.
 */
export function logNextCalls(
  tool: string,
  args: Readonly<Record<string, string | number | boolean | undefined>>,
  readings: readonly LogReading[],
  { isFolded, cut }: Shown,
): NextCall[] {
  const same: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(args)) if (value !== undefined && value !== false) same[key] = value;
  const { since, ...wider } = same;
  const { workload: _, ...inPod } = same;
  const restarted = readings.find((reading) => reading.container.restarts > 0)?.container;
  // Between two runs the log is that of the last run already.
  const earlier = readings.find(({ container }) => container.restarts > 0 && container.between === null)?.container;
  const stopped =
    readings.find((reading) => reading.stopped === 'bytes' && reading.lastTime !== null)?.lastTime ?? null;
  const isEmpty = readings.length > 0 && readings.every((reading) => reading.kept === 0);
  const calls: NextCall[] = [];
  if (isFolded) calls.push({ tool, arguments: { ...same, fold: false } });
  if (isEmpty && since !== undefined) calls.push({ tool, arguments: wider });
  if (stopped !== null)
    calls.push({ tool, arguments: { ...same, since: `${new Date(stopped).toISOString().slice(0, 19)}Z` } });
  if (cut !== null) calls.push({ tool, arguments: { ...inPod, pod: cut.pod, container: cut.name } });
  if (earlier !== undefined && args.previous !== true) {
    const { namespace, pod, name: container } = earlier;
    calls.push({ tool, arguments: { namespace, pod, container, previous: true } });
  }
  if (restarted !== undefined) {
    const { namespace, pod: name } = restarted;
    calls.push({ tool: 'k8s.events', arguments: { namespace, kind: 'Pod', name } });
  }
  return calls;
}
