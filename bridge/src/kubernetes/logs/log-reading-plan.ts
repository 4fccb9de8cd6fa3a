import type { LogOptions } from '../../upstreams/kubernetes.ts';
import type { LogContainer } from './log-containers.ts';

/** Lines of each log that are searched: the newest, which the kubelet finds without reading the others. */
export const LINES_SEARCHED = 100_000;

/** What is asked of each log. */
export interface LogPlan {
  /** Entries to show. */
  lines: number;
  since: Date | null;
  previous: boolean;
  /** Whether lines are chosen or counted, so that more must be read than is shown. */
  isSearch: boolean;
  now: Date;
}

/** The query of each log. One line more than is shown tells whether there are older ones. */
export function logOptions({
  lines,
  since,
  previous,
  isSearch,
  now,
}: LogPlan): Omit<LogOptions, 'container' | 'timestamps'> {
  const seconds = since === null ? null : Math.max(1, Math.ceil((now.getTime() - since.getTime()) / 1000));
  return {
    tailLines: isSearch ? LINES_SEARCHED : lines + 1,
    ...(seconds === null ? {} : { sinceSeconds: seconds }),
    ...(previous ? { previous } : {}),
  };
}

/** Why a container has no such log, as its pod's status tells; null where it has one. */
export function whySilent(container: LogContainer, previous: boolean): string | null {
  if (!previous) return container.waiting === null ? null : `no log yet, waiting to start: ${container.waiting}`;
  return container.ranBefore || container.restarts > 0 ? null : 'never restarted, so there is no previous log';
}
