import { at, isTrueAt, type Json, type JsonObject, listAt, numberAt, textAt } from '../json.ts';
import { conditionsOf } from './conditions.ts';
import { timeOf } from './judge.ts';
import type { PrintedPod } from './pod-states.ts';

/**
 * A pod as the server would print it (pkg/printers/internalversion, printPod): one word for its state, and how many of the
 * containers that stay are ready, sidecars among them. For one pod by itself, and for servers that print no tables.
 */
export function printPod(pod: JsonObject, now: Date): PrintedPod {
  const sidecars = namesOf(listAt(pod, 'spec', 'initContainers').filter(staysUp));
  const initial = initialState(pod, sidecars);
  const isInitialized = conditionsOf(pod).some(({ type, status }) => type === 'Initialized' && status === 'True');
  const statuses = listAt(pod, 'status', 'containerStatuses');
  const isStarting = initial.status !== null && !isInitialized;
  const ready = initial.ready + (isStarting ? 0 : statuses.filter(isUp).length);
  const counted = initial.seen.filter((each) => isStarting || sidecars.has(nameOf(each)));
  const created = timeOf(textAt(pod, 'metadata', 'creationTimestamp'));
  const gates = listAt(pod, 'spec', 'readinessGates');
  return {
    ready: `${ready}/${listAt(pod, 'spec', 'containers').length + sidecars.size}`,
    status: isStarting ? (initial.status ?? '') : stateOf(pod, initial.status, statuses),
    restarts: restartsOf([...counted, ...(isStarting ? [] : statuses)], now),
    age: created === null ? '' : ageOf(created, now),
    gates: gates.length === 0 ? '' : `${gates.filter((gate) => isPassed(pod, gate)).length}/${gates.length}`,
  };
}

interface Initial {
  /** What holds the init containers up; null where nothing does. */
  status: string | null;
  /** Of those that stay. */
  ready: number;
  /** The containers up to the one that holds the others up. */
  seen: readonly Json[];
}

function initialState(pod: JsonObject, sidecars: ReadonlySet<string>): Initial {
  const statuses = listAt(pod, 'status', 'initContainerStatuses');
  const isStarted = (each: Json) => sidecars.has(nameOf(each)) && isTrueAt(each, 'started');
  const index = statuses.findIndex((each) => !hasEndedWell(each) && !isStarted(each));
  const seen = index < 0 ? statuses : statuses.slice(0, index + 1);
  const ready = seen.filter((each) => isTrueAt(each, 'ready') && isStarted(each) && !hasEndedWell(each)).length;
  const blocking = statuses[index];
  if (blocking === undefined) return { status: null, ready, seen };
  const ended = at(blocking, 'state', 'terminated');
  const waiting = textAt(blocking, 'state', 'waiting', 'reason') ?? '';
  const progress = `${index}/${listAt(pod, 'spec', 'initContainers').length}`;
  const word = ended !== undefined ? endOf(ended) : waiting === 'PodInitializing' ? '' : waiting;
  return { status: `Init:${word || progress}`, ready, seen };
}

function hasEndedWell(status: Json): boolean {
  return numberAt(status, 'state', 'terminated', 'exitCode') === 0;
}

function stateOf(pod: JsonObject, initial: string | null, statuses: readonly Json[]): string {
  const isGated = conditionsOf(pod).some(({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated');
  const phase = textAt(pod, 'status', 'phase') ?? 'Unknown';
  const own = isGated ? 'SchedulingGated' : textAt(pod, 'status', 'reason') || phase;
  let status = initial ?? own;
  for (const container of statuses.toReversed()) {
    const ended = at(container, 'state', 'terminated');
    status = textAt(container, 'state', 'waiting', 'reason') || (ended === undefined ? status : endOf(ended));
  }
  if (status !== 'Completed' || !statuses.some(isUp)) return status;
  return conditionsOf(pod).some(({ type, status: value }) => type === 'Ready' && value === 'True')
    ? 'Running'
    : 'NotReady';
}

function endOf(terminated: Json): string {
  const signal = numberAt(terminated, 'signal') ?? 0;
  const code = signal === 0 ? `ExitCode:${numberAt(terminated, 'exitCode') ?? 0}` : `Signal:${signal}`;
  return textAt(terminated, 'reason') || code;
}

/** `42 (250s ago)` */
function restartsOf(statuses: readonly Json[], now: Date): string {
  const count = statuses.reduce<number>((sum, status) => sum + (numberAt(status, 'restartCount') ?? 0), 0);
  const ends = statuses.flatMap((status) => timeOf(textAt(status, 'lastState', 'terminated', 'finishedAt')) ?? []);
  return count === 0 || ends.length === 0 ? String(count) : `${count} (${ageOf(Math.max(...ends), now)} ago)`;
}

function ageOf(time: number, now: Date): string {
  return `${Math.max(0, Math.floor((now.getTime() - time) / 1000))}s`;
}

function isUp(status: Json): boolean {
  return isTrueAt(status, 'ready') && at(status, 'state', 'running') !== undefined;
}

/** Init containers that restart always stay beside the others. */
function staysUp(container: Json): boolean {
  return textAt(container, 'restartPolicy') === 'Always';
}

function isPassed(pod: JsonObject, gate: Json): boolean {
  const wanted = textAt(gate, 'conditionType');
  return conditionsOf(pod).some(({ type, status }) => type === wanted && status === 'True');
}

function namesOf(containers: readonly Json[]): ReadonlySet<string> {
  return new Set(containers.map(nameOf));
}

function nameOf(container: Json): string {
  return textAt(container, 'name') ?? '';
}
