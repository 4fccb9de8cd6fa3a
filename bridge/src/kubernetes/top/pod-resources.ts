import { at, type Json, type JsonObject, listAt, numberAt, textAt } from '../json.ts';
import { parseQuantity } from '../quantity.ts';

/** CPU in cores and memory in bytes; null where nothing is set or nothing is known. */
export interface Amounts {
  cpu: number | null;
  memory: number | null;
}

/** What a pod asks for and may use, and what became of its containers. */
export interface PodResources {
  namespace: string;
  name: string;
  /** Null while it is not scheduled. */
  node: string | null;
  phase: string;
  /** Whether a container of it runs; none does while all wait to be started again. */
  isUp: boolean;
  /** RFC 3339; null before a kubelet took it. */
  startedAt: string | null;
  /** What the scheduler counts: the most that is asked for at once, with init containers and overhead. */
  requests: Amounts;
  limits: Amounts;
  /** What the containers ask for that run beside each other once the pod is up. */
  running: Amounts;
  /** Limits of the pod as a whole (`spec.resources`). */
  own: Amounts;
  /** Limits of each container that runs for as long as the pod does: a container that reaches its own is throttled or killed. */
  containers: readonly { name: string; limits: Amounts }[];
  restarts: number;
  /** The last time a container was killed for its memory, RFC 3339; null where its last two states do not show it. */
  oomKilledAt: string | null;
}

/**
 * Picks from a pod what usage is held against. Requests and limits are counted as the scheduler does: the sum of containers
 * and sidecars (init containers that restart always), or what an init container needs beside the sidecars started before it
 * where that is more; plus overhead; what `spec.resources` sets for the pod as a whole goes before.
 */
export function podResources(pod: JsonObject): PodResources {
  const containers = listAt(pod, 'spec', 'containers');
  const inits = listAt(pod, 'spec', 'initContainers');
  const statuses = [...listAt(pod, 'status', 'containerStatuses'), ...listAt(pod, 'status', 'initContainerStatuses')];
  const stay = [...containers, ...inits.filter(isSidecar)];
  const demand = (which: Which) => ({
    cpu: effective(pod, which, 'cpu'),
    memory: effective(pod, which, 'memory'),
  });
  const requests = demand('requests');
  const limits = demand('limits');
  const running = { cpu: runningRequest(pod, stay, 'cpu'), memory: runningRequest(pod, stay, 'memory') };
  return {
    namespace: textAt(pod, 'metadata', 'namespace') ?? '',
    name: textAt(pod, 'metadata', 'name') ?? '',
    node: textAt(pod, 'spec', 'nodeName') ?? null,
    phase: textAt(pod, 'status', 'phase') ?? 'Unknown',
    isUp: statuses.some((status) => at(status, 'state', 'running') !== undefined),
    startedAt: textAt(pod, 'status', 'startTime') ?? null,
    requests,
    limits,
    running: sameOr(requests, running),
    own: sameOr(UNLIMITED, amountsAt(at(pod, 'spec', 'resources'), 'limits')),
    containers: stay.map((container) => ({
      name: textAt(container, 'name') ?? '',
      limits: sameOr(limits, limitsInForce(container, statuses)),
    })),
    restarts: statuses.reduce<number>((sum, status) => sum + (numberAt(status, 'restartCount') ?? 0), 0),
    oomKilledAt: lastOomKill(statuses),
  };
}

/** Whether nothing of a pod runs any more. */
export function isOver({ phase }: PodResources): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}

/** The sum of what is known; null when nothing is. */
export function plus(left: number | null, right: number | null): number | null {
  return left === null ? right : right === null ? left : left + right;
}

/** The greater of what is known; null when nothing is. */
export function greater(left: number | null, right: number | null): number | null {
  return left === null ? right : right === null ? left : Math.max(left, right);
}

const UNLIMITED: Amounts = { cpu: null, memory: null };

/** Of many thousand pods most say the same several times: it is kept once. */
function sameOr(known: Amounts, found: Amounts): Amounts {
  return known.cpu === found.cpu && known.memory === found.memory ? known : found;
}

type Which = 'requests' | 'limits';
type Resource = keyof Amounts;

function isSidecar(container: Json): boolean {
  return textAt(container, 'restartPolicy') === 'Always';
}

function amountOf(container: Json | undefined, which: Which, resource: Resource): number | null {
  return parseQuantity(at(container, 'resources', which, resource));
}

function amountsAt(resources: Json | undefined, which: Which): Amounts {
  return {
    cpu: parseQuantity(at(resources, which, 'cpu')),
    memory: parseQuantity(at(resources, which, 'memory')),
  };
}

function effective(pod: JsonObject, which: Which, resource: Resource): number | null {
  const whole = parseQuantity(at(pod, 'spec', 'resources', which, resource));
  const overhead = parseQuantity(at(pod, 'spec', 'overhead', resource));
  let sidecars: number | null = null;
  let peak: number | null = null;
  for (const init of listAt(pod, 'spec', 'initContainers')) {
    const beside = plus(sidecars, amountOf(init, which, resource));
    if (isSidecar(init)) sidecars = beside;
    peak = greater(peak, beside);
  }
  const sum = listAt(pod, 'spec', 'containers').reduce<number | null>(
    (total, container) => plus(total, amountOf(container, which, resource)),
    sidecars,
  );
  const demand = whole ?? greater(sum, peak);
  // Overhead limits nothing by itself.
  return demand === null && which === 'limits' ? null : plus(demand, overhead);
}

function runningRequest(pod: JsonObject, stay: readonly Json[], resource: Resource): number | null {
  const whole = parseQuantity(at(pod, 'spec', 'resources', 'requests', resource));
  return (
    whole ??
    stay.reduce<number | null>((total, container) => plus(total, amountOf(container, 'requests', resource)), null)
  );
}

/** After a resize in place the kubelet says what it has set; the spec may be ahead of it. */
function limitsInForce(container: Json, statuses: readonly Json[]): Amounts {
  const name = textAt(container, 'name');
  const status = statuses.find((each) => textAt(each, 'name') === name);
  const set = amountsAt(at(status, 'resources'), 'limits');
  const wanted = amountsAt(at(container, 'resources'), 'limits');
  return { cpu: set.cpu ?? wanted.cpu, memory: set.memory ?? wanted.memory };
}

function lastOomKill(statuses: readonly Json[]): string | null {
  let last: string | null = null;
  for (const status of statuses) {
    for (const state of ['state', 'lastState']) {
      const ended = at(status, state, 'terminated');
      const moment = textAt(ended, 'finishedAt');
      if (textAt(ended, 'reason') !== 'OOMKilled' || moment === undefined || Number.isNaN(Date.parse(moment))) continue;
      if (last === null || Date.parse(moment) > Date.parse(last)) last = moment;
    }
  }
  return last;
}
