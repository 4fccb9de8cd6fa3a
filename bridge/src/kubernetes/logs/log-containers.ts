import { at, isTrueAt, type Json, type JsonObject, listAt, numberAt, textAt } from '../json.ts';

/** A container of a pod, as far as its log is concerned. */
export interface LogContainer {
  namespace: string;
  pod: string;
  name: string;
  type: 'app' | 'init' | 'ephemeral';
  restarts: number;
  /** Why it has no log yet, in the words of its status; null when it runs or ran. */
  waiting: string | null;
  /**
   * Why it waits between two runs, `CrashLoopBackOff`; null when it runs or ended for good. Its log is then that of the last
   * run, and `previous` gives the same one (kubelet, validateContainerLogStatus).
   */
  between: string | null;
  /** Whether there was a run before this one, whose log `previous` gives. */
  ranBefore: boolean;
}

const TYPES = [
  ['app', 'containers', 'containerStatuses'],
  ['ephemeral', 'ephemeralContainers', 'ephemeralContainerStatuses'],
  ['init', 'initContainers', 'initContainerStatuses'],
] as const;

/** All containers of a pod: the application's own first, init containers last, each in the order of the spec. */
export function logContainersOf(pod: JsonObject): LogContainer[] {
  const namespace = textAt(pod, 'metadata', 'namespace') ?? '';
  const name = textAt(pod, 'metadata', 'name') ?? '';
  return TYPES.flatMap(([type, spec, statuses]) =>
    listAt(pod, 'spec', spec).map((container): LogContainer => {
      const own = textAt(container, 'name') ?? '';
      const status = listAt(pod, 'status', statuses).find((each) => textAt(each, 'name') === own);
      const ranBefore = at(status, 'lastState', 'terminated') !== undefined;
      return {
        namespace,
        pod: name,
        name: own,
        type,
        restarts: numberAt(status, 'restartCount') ?? 0,
        between: ranBefore ? (textAt(status, 'state', 'waiting', 'reason') ?? null) : null,
        waiting: ranBefore ? null : waitingOf(pod, status),
        ranBefore,
      };
    }),
  );
}

/** Whether all its containers run and none was restarted. */
export function isQuiet(pod: JsonObject): boolean {
  const statuses = listAt(pod, 'status', 'containerStatuses');
  return (
    statuses.length > 0 &&
    statuses.every((each) => isTrueAt(each, 'ready') && (numberAt(each, 'restartCount') ?? 0) === 0)
  );
}

function waitingOf(pod: JsonObject, status: Json | undefined): string | null {
  const waiting = at(status, 'state', 'waiting');
  if (waiting !== undefined) {
    const message = textAt(waiting, 'message');
    return `${textAt(waiting, 'reason') ?? 'waiting'}${message === undefined ? '' : `, ${message}`}`;
  }
  if (status !== undefined) return null;
  const phase = textAt(pod, 'status', 'phase') ?? 'Pending';
  const scheduled = listAt(pod, 'status', 'conditions').find((each) => textAt(each, 'type') === 'PodScheduled');
  if (phase !== 'Pending') return null;
  return textAt(pod, 'spec', 'nodeName') === undefined
    ? `the pod has no node yet${(textAt(scheduled, 'message') ?? '') === '' ? '' : `, ${textAt(scheduled, 'message')}`}`
    : 'not started yet';
}
