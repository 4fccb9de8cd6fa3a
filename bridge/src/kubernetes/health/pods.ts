import { briefText, listNames } from '../../brief-text.ts';
import { showAge } from '../../format-time.ts';
import { at, isTrueAt, type Json, type JsonObject, listAt, numberAt, textAt } from '../json.ts';
import { type Condition, conditionsOf, deletionHealth } from './conditions.ts';
import { isUnhealthy, type Judge, SEVERITY, timeOf } from './judge.ts';
import { judgePrintedPod, NOT_READY } from './pod-states.ts';
import { printPod } from './printed-pod.ts';

/** How long an explanation may be. */
const LONGEST = 110;
const WORDLESS =
  /^(?:back-off (?:\S+ )?restarting failed container|back-off pulling image|containers with unready status)/i;

/** Why a pod is in trouble, from the pod itself: `exit 1 (Error) 4m ago`, `Unschedulable: …`. Empty where it does not tell. */
function whyPod(pod: JsonObject, now: Date): string {
  const deletion = deletionHealth(pod, now);
  if (deletion !== null && isUnhealthy(deletion)) return deletion.why;
  const phase = textAt(pod, 'status', 'phase');
  const spoken = spokenStatus(pod);
  if (phase === 'Failed') return whyContainer(pod, now) || spoken;
  return whyContainer(pod, now) || whyNotScheduled(pod) || spoken || whyNotReady(pod, now);
}

/** A pod by itself, as its printed row would judge it, with what it says of why. */
export const judgePod: Judge = (pod, now) => {
  const deletion = deletionHealth(pod, now);
  if (deletion !== null) return deletion;
  const printed = judgePrintedPod(printPod(pod, now));
  const created = timeOf(textAt(pod, 'metadata', 'creationTimestamp'));
  // The node's controller says so of pods whose node is silent; their containers are as the kubelet last saw them.
  const isLost =
    printed.severity === 0 && textAt(pod, 'status', 'phase') === 'Running' && readyCondition(pod) !== undefined;
  const health = isLost ? { ...printed, state: NOT_READY, severity: SEVERITY.failing } : printed;
  return health.severity === 0 ? health : { ...health, why: whyPod(pod, now), since: created };
};

/** The condition Ready where it is not True. */
function readyCondition(pod: JsonObject): Condition | undefined {
  return conditionsOf(pod).find(({ type, status }) => type === 'Ready' && status !== 'True');
}

/** Reason and message of the pod as a whole: evictions, nodes that shut down. */
function spokenStatus(pod: JsonObject): string {
  const message = textAt(pod, 'status', 'message') ?? '';
  return message === '' ? '' : briefText(message, LONGEST);
}

/** What the scheduler says, without the part that repeats itself about preemption. */
function whyNotScheduled(pod: JsonObject): string {
  const condition = conditionsOf(pod).find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (condition === undefined) return '';
  const message = condition.message.replace(/\.?\s*preemption:.*$/s, '').replace(/\.$/, '');
  const [, free = '', all = '', rest = ''] = /^(\d+)\/(\d+) nodes are available: (.*)$/s.exec(message) ?? [];
  const where = all === '' ? '' : ` (${free}/${all} nodes)`;
  const reasons = all === '' ? message : schedulingReasons(rest, all);
  if (reasons === '') return condition.reason;
  return `${condition.reason}: ${briefText(reasons, LONGEST)}${where}`;
}

/** `100 Insufficient memory.` of 100 nodes is `insufficient memory`; of fewer the count stays. */
function schedulingReasons(text: string, all: string): string {
  const reasons = text.replaceAll('node(s) ', '').replace(/\.\s*$/, '');
  const [, count, reason = ''] = /^(\d+) ([^,]+)$/.exec(reasons) ?? [];
  return count === all ? `${reason.charAt(0).toLowerCase()}${reason.slice(1)}` : reasons;
}

/** The container that is worst off: what it waits for, how it ended, how it ended the last time. */
function whyContainer(pod: JsonObject, now: Date): string {
  const statuses = [
    ...listAt(pod, 'status', 'initContainerStatuses'),
    ...listAt(pod, 'status', 'containerStatuses'),
    ...listAt(pod, 'status', 'ephemeralContainerStatuses'),
  ];
  const named = statuses.length > 1;
  let best = { rank: 0, text: '' };
  for (const status of statuses) {
    const found = whyStatus(status, now);
    if (found.rank <= best.rank) continue;
    const name = named ? `${textAt(status, 'name') ?? 'a container'}: ` : '';
    best = { rank: found.rank, text: `${name}${found.text}` };
  }
  return best.text;
}

function whyStatus(status: Json, now: Date): { rank: number; text: string } {
  const waiting = textAt(status, 'state', 'waiting', 'reason');
  const ended = showEnd(at(status, 'state', 'terminated'), now);
  const last = showEnd(at(status, 'lastState', 'terminated'), now);
  const message = textAt(status, 'state', 'waiting', 'message') ?? '';
  const words = WORDLESS.test(message) ? '' : briefText(message, LONGEST);
  if (waiting !== undefined && !STARTS.has(waiting)) {
    // A crash loop is explained by the last end, an image or a missing key by the message.
    const image = /ImagePull|ImageName|ErrImage/.test(waiting) ? pullTrouble(status, message) : '';
    return { rank: 4, text: image || (waiting === 'CrashLoopBackOff' ? last || words : words || last) || waiting };
  }
  if (ended !== '' && numberAt(status, 'state', 'terminated', 'exitCode') !== 0) return { rank: 3, text: ended };
  const restarts = numberAt(status, 'restartCount') ?? 0;
  if (restarts > 0 && last !== '') return { rank: isTrueAt(status, 'ready') ? 1 : 2, text: `restarted after ${last}` };
  return { rank: 0, text: '' };
}

const STARTS = new Set(['ContainerCreating', 'PodInitializing']);

/** The image and the last part of what the registry said, which is where the cause stands. */
function pullTrouble(status: Json, message: string): string {
  const image = briefText(textAt(status, 'image') ?? '', 80);
  const cause =
    /(?:not found|manifest unknown|unauthorized|authentication required|denied|no such host|i\/o timeout|x509[^"]*|toomanyrequests|connection refused|no match for platform)/i;
  const said = cause.exec(message)?.[0];
  return image === '' ? briefText(message, LONGEST) : `${image}${said === undefined ? '' : `: ${briefText(said, 60)}`}`;
}

/** `exit 137 (OOMKilled) 4m ago` of a terminated state. */
function showEnd(terminated: Json | undefined, now: Date): string {
  const code = numberAt(terminated, 'exitCode');
  if (code === undefined) return '';
  const reason = textAt(terminated, 'reason');
  const at = timeOf(textAt(terminated, 'finishedAt'));
  const ago = at === null || at <= 0 ? '' : ` ${showAge(Math.max(0, (now.getTime() - at) / 1000))} ago`;
  const message = code === 0 ? '' : briefText(textAt(terminated, 'message') ?? '', 60);
  return `exit ${code}${reason === undefined ? '' : ` (${reason})`}${ago}${message === '' ? '' : `: ${message}`}`;
}

/** Containers that run but do not say they are ready, and since when the pod is not. */
function whyNotReady(pod: JsonObject, now: Date): string {
  const condition = readyCondition(pod);
  if (condition === undefined) return '';
  const isStarting = textAt(pod, 'status', 'phase') === 'Pending';
  // An init container that runs once the pod does is a sidecar.
  const sidecars = isStarting
    ? []
    : listAt(pod, 'status', 'initContainerStatuses').filter((status) => isTrueAt(status, 'started'));
  const names = [...sidecars, ...listAt(pod, 'status', 'containerStatuses')]
    .filter((status) => !isTrueAt(status, 'ready'))
    .flatMap((status) => textAt(status, 'name') ?? []);
  const gates = condition.reason === 'ReadinessGatesNotReady' ? briefText(condition.message, LONGEST) : '';
  const since = condition.since === null ? '' : ` for ${showAge((now.getTime() - condition.since) / 1000)}`;
  if (gates !== '') return gates;
  if (names.length === 0)
    return isStarting ? '' : `said to be not ready${since} though its containers were; see its node`;
  return `${listNames(names, 3)} ${isStarting ? 'starting' : 'not ready'}${since}`;
}
