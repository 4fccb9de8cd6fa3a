import { secondsOf } from '../lists/printed-duration.ts';
import { type Health, healthy, SEVERITY } from './judge.ts';

/** What the server prints of a pod (columns Ready, Status, Restarts and Age). */
export interface PrintedPod {
  /** `1/2` */
  ready: string;
  /** The most telling word: a phase, or the reason of a container, as `Init:CrashLoopBackOff`. */
  status: string;
  /** `42 (4m ago)` */
  restarts: string;
  age: string;
  /** Of its readiness gates those that are passed, `0/1`; empty or `<none>` where it has none. */
  gates: string;
}

/** A pod that starts for less time than this is not in trouble, seconds. */
const STARTING = 120;
const PULLING = 300;
const OFTEN = 5;
const RECENTLY = 3600;

/** Words that a pod has while it starts, and how long that may take. */
const STARTS: readonly (readonly [RegExp, number])[] = [
  [/^Pending$/, STARTING],
  [/^(?:ContainerCreating|PodInitializing|Init:\d+\/\d+)$/, PULLING],
];

/** The rest, worst first; the first that matches counts. What no pattern knows is between failing and degraded. */
const TROUBLE: readonly (readonly [RegExp, number])[] = [
  [/CrashLoopBackOff$|(?:RunContainer|CreateContainer|CreateContainerConfig|PreCreateHook|PostStartHook)Error$/, 90],
  [/OOMKilled$/, 88],
  [/ImagePull|InvalidImageName$|ErrImageNeverPull$|RegistryUnavailable$|ImageInspectError$/, 85],
  [/^(?:Unknown|NodeLost|.*ContainerStatusUnknown)$/, 82],
  [/^(?:Init:)?(?:Error|ExitCode:.*|Signal:.*|ContainerCannotRun|StartError)$/, 75],
  [
    /^(?:Evicted|Failed|Shutdown|Terminated|NodeAffinity|NodeShutdown|Preempting|OutOf.*|UnexpectedAdmissionError)$/,
    40,
  ],
  [/^(?:DeadlineExceeded|Init:DeadlineExceeded)$/, 45],
];

/** How many restarts there were, and how long ago the last was in seconds; null where the cell does not tell. */
export function readRestarts(cell: string): { count: number; lastSeconds: number | null } {
  const [, count = '0', ago] = /^(\d+)(?: \((\S+) ago\))?$/.exec(cell) ?? [];
  return { count: Number(count), lastSeconds: ago === undefined ? null : secondsOf(ago) };
}

/** The health of a pod by its printed row alone: enough to count twenty thousand of them without reading one object. */
export function judgePrintedPod({ ready, status, restarts, age, gates }: PrintedPod): Health {
  const ageSeconds = secondsOf(age);
  // Printed of a pod that is younger than the clock of the server that prints it.
  const old = (limit: number) => age !== '<invalid>' && (ageSeconds === null || ageSeconds > limit);
  if (status === 'Completed' || status === 'Succeeded') return healthy(status);
  if (status === 'Running') return judgeRunning([ready, gates], restarts, old(STARTING));
  const trouble = (severity: number): Health => ({ state: status, severity, why: '', since: null });
  for (const [pattern, limit] of STARTS) {
    if (pattern.test(status)) return trouble(old(limit) ? SEVERITY.failing : SEVERITY.note);
  }
  // Whether a deletion hangs is not printed.
  if (status === 'Terminating' || status === 'SchedulingGated') return trouble(SEVERITY.note);
  if (status === 'NotReady') return trouble(old(STARTING) ? 65 : SEVERITY.note);
  return trouble(TROUBLE.find(([pattern]) => pattern.test(status))?.[1] ?? 60);
}

function judgeRunning(parts: readonly string[], restarts: string, old: boolean): Health {
  const isReady = parts.every((part) => {
    const [up, all = up] = part.split('/');
    return up === all;
  });
  const { count, lastSeconds } = readRestarts(restarts);
  const often = count > OFTEN && lastSeconds !== null && lastSeconds < RECENTLY;
  if (!isReady) return { state: NOT_READY, severity: old ? 65 : SEVERITY.note, why: '', since: null };
  if (often) return { state: RESTARTING, severity: 62, why: '', since: null };
  return RUNNING;
}

const RUNNING = healthy('Running');

/** A state that Kubernetes prints as Running, as the next. */
export const NOT_READY = 'Running but not ready';
const RESTARTING = 'Running but restarting';
