import { at, isTrueAt, type Json, type JsonObject, listAt, numberAt, textAt } from '../../../src/kubernetes/json.ts';
import { printAge } from './ages.ts';
import { ageOf, columns, nameOf, orNone, type Printer } from './cells.ts';

/** Restarts of some containers, and when the last of them ended. */
interface Restarts {
  count: number;
  last: string | undefined;
}

/** What a pod's containers come to. */
interface Summary {
  status: string;
  ready: number;
  restarts: Restarts;
}

/** Pods, with the one word for their state that people know from `kubectl get pods`. */
export const podPrinter: Printer = {
  columns: columns(['Name', 'Ready', 'Status', 'Restarts', 'Age'], ['IP', 'Node', 'Nominated Node', 'Readiness Gates']),
  cells: (pod, nowMs) => {
    const { status, ready, restarts } = summaryOf(pod);
    const total = listAt(pod, 'spec', 'containers').length + sidecarsOf(pod).size;
    const since = restarts.count === 0 || restarts.last === undefined ? '' : ` (${printAge(restarts.last, nowMs)} ago)`;
    return [
      nameOf(pod),
      `${ready}/${total}`,
      status,
      `${restarts.count}${since}`,
      ageOf(pod, nowMs),
      orNone(textAt(pod, 'status', 'podIP')),
      orNone(textAt(pod, 'spec', 'nodeName')),
      orNone(textAt(pod, 'status', 'nominatedNodeName')),
      readinessGates(pod),
    ];
  },
};

function summaryOf(pod: JsonObject): Summary {
  const reason = textAt(pod, 'status', 'reason');
  const phase = textAt(pod, 'status', 'phase') ?? '';
  const gated = condition(pod, 'PodScheduled')?.reason === 'SchedulingGated';
  const start = gated ? 'SchedulingGated' : (reason ?? phase);
  const init = initSummary(pod, start);
  const summary = init.done || condition(pod, 'Initialized')?.status === 'True' ? mainSummary(pod, init) : init;
  if (textAt(pod, 'metadata', 'deletionTimestamp') === undefined) return summary;
  if (reason === 'NodeLost') return { ...summary, status: 'Unknown' };
  return phase === 'Succeeded' || phase === 'Failed' ? summary : { ...summary, status: 'Terminating' };
}

function initSummary(pod: JsonObject, start: string): Summary & { done: boolean; sidecars: Restarts } {
  const sidecarNames = sidecarsOf(pod);
  const all: Json[] = [];
  const sidecars: Json[] = [];
  let ready = 0;
  const statuses = listAt(pod, 'status', 'initContainerStatuses');
  const total = listAt(pod, 'spec', 'initContainers').length;
  const result = (status: string, done: boolean) => ({
    status,
    ready,
    done,
    restarts: restartsOf(all),
    sidecars: restartsOf(sidecars),
  });
  for (const [index, container] of statuses.entries()) {
    all.push(container);
    const isSidecar = sidecarNames.has(textAt(container, 'name') ?? '');
    if (isSidecar) sidecars.push(container);
    const terminated = at(container, 'state', 'terminated');
    if (numberAt(terminated, 'exitCode') === 0) continue;
    if (isSidecar && isTrueAt(container, 'started')) {
      if (isTrueAt(container, 'ready')) ready += 1;
      continue;
    }
    const waiting = textAt(container, 'state', 'waiting', 'reason') ?? '';
    if (terminated !== undefined) return result(`Init:${ended(terminated)}`, false);
    if (waiting !== '' && waiting !== 'PodInitializing') return result(`Init:${waiting}`, false);
    return result(`Init:${index}/${total}`, false);
  }
  return result(start, true);
}

function mainSummary(pod: JsonObject, init: ReturnType<typeof initSummary>): Summary {
  const statuses = listAt(pod, 'status', 'containerStatuses');
  let { status, ready } = init;
  let hasRunning = false;
  for (const container of statuses.toReversed()) {
    const waiting = textAt(container, 'state', 'waiting', 'reason') ?? '';
    const terminated = at(container, 'state', 'terminated');
    if (waiting !== '') status = waiting;
    else if (terminated !== undefined) status = ended(terminated);
    else if (isTrueAt(container, 'ready') && at(container, 'state', 'running') !== undefined) {
      hasRunning = true;
      ready += 1;
    }
  }
  if (status === 'Completed' && hasRunning) {
    status = condition(pod, 'Ready')?.status === 'True' ? 'Running' : 'NotReady';
  }
  const main = restartsOf(statuses);
  const last = later(init.sidecars.last, main.last);
  return { status, ready, restarts: { count: init.sidecars.count + main.count, last } };
}

function ended(terminated: Json): string {
  const reason = textAt(terminated, 'reason') ?? '';
  if (reason !== '') return reason;
  const signal = numberAt(terminated, 'signal') ?? 0;
  return signal === 0 ? `ExitCode:${numberAt(terminated, 'exitCode') ?? 0}` : `Signal:${signal}`;
}

function restartsOf(statuses: readonly Json[]): Restarts {
  let count = 0;
  let last: string | undefined;
  for (const status of statuses) {
    count += numberAt(status, 'restartCount') ?? 0;
    last = later(last, textAt(status, 'lastState', 'terminated', 'finishedAt'));
  }
  return { count, last };
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? b : a;
}

/** Init containers that stay (restartPolicy Always). */
function sidecarsOf(pod: JsonObject): Set<string> {
  const staying = listAt(pod, 'spec', 'initContainers').filter((each) => textAt(each, 'restartPolicy') === 'Always');
  return new Set(staying.map((each) => textAt(each, 'name') ?? ''));
}

function condition(pod: JsonObject, type: string): { reason: string | undefined; status: string | undefined } | null {
  const found = listAt(pod, 'status', 'conditions').find((each) => textAt(each, 'type') === type);
  return found === undefined ? null : { reason: textAt(found, 'reason'), status: textAt(found, 'status') };
}

function readinessGates(pod: JsonObject): string {
  const gates = listAt(pod, 'spec', 'readinessGates').map((gate) => textAt(gate, 'conditionType') ?? '');
  const passed = gates.filter((type) => condition(pod, type)?.status === 'True');
  return gates.length === 0 ? '<none>' : `${passed.length}/${gates.length}`;
}
