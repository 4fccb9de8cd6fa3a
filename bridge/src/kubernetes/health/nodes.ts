import { showAge } from '../../format-time.ts';
import { isTrueAt, listAt, textAt } from '../json.ts';
import {
  type Condition,
  conditionHealth,
  conditionsOf,
  deletionHealth,
  showCondition,
  showSince,
} from './conditions.ts';
import { type Health, healthy, type Judge, NOTE, SEVERITY, timeOf, worstOf } from './judge.ts';

/** Taints that only say what a condition or `unschedulable` already does. */
const TOLD = /^node\.kubernetes\.io\/|^node-role\.kubernetes\.io\//;

/** Whether a condition of a node is well when it is True; most tell of trouble. `EtcdIsVoter` is set by k3s and RKE2. */
export function isWanted(type: string): boolean {
  return /(?:Ready|Healthy)$/.test(type) || type === 'EtcdIsVoter';
}

/** A node: not ready is worst, then pressure and other problems, then cordons and taints, which somebody may have wanted. */
export const judgeNode: Judge = (node, now) => {
  const conditions = conditionsOf(node);
  const ready = conditions.find(({ type }) => type === 'Ready');
  const found: (Health | null)[] = [deletionHealth(node, now)];
  if (ready === undefined) {
    found.push({ state: 'Unknown', severity: SEVERITY.broken, why: 'no Ready condition', since: null });
  } else if (ready.status !== 'True') {
    const what = ready.status === 'Unknown' ? 'silent' : 'not ready';
    // The reason, such as KubeletNotReady, says no more than the state where there is a message.
    const words = showCondition(ready.message === '' ? ready : { ...ready, reason: '' });
    const why = `${what}${showSince(ready, now)}: ${words}`;
    found.push({ state: 'NotReady', severity: SEVERITY.broken, why, since: ready.since });
  }
  for (const condition of conditions) {
    if (condition.type === 'Ready') continue;
    // Agents add conditions of their own: `KernelDeadlock` and the like are bad when True, `StorageReady` is good.
    if (isWanted(condition.type)) found.push(conditionHealth(condition, now));
    else if (condition.status === 'True') found.push(problem(condition, now));
  }
  const cordoned = isTrueAt(node, 'spec', 'unschedulable') ? cordonOf(node, now) : null;
  const taints = listAt(node, 'spec', 'taints').flatMap((taint) => {
    const key = textAt(taint, 'key') ?? '';
    const value = textAt(taint, 'value');
    const effect = textAt(taint, 'effect') ?? '';
    return TOLD.test(key) || effect === 'PreferNoSchedule'
      ? []
      : [`${key}${value === undefined || value === '' ? '' : `=${value}`}:${effect}`];
  });
  if (taints.length > 0)
    found.push({ state: 'Ready', severity: SEVERITY.note - 5, why: `tainted ${taints.join(', ')}`, since: null });
  return worstOf([...found, cordoned], healthy('Ready'));
};

function problem(condition: Condition, now: Date): Health {
  const words = `${showCondition(condition)}${showSince(condition, now)}`;
  const isNamed = words.replaceAll(/\W/g, '').toLowerCase().includes(condition.type.toLowerCase());
  const why = isNamed ? words : `${condition.type}: ${words}`;
  return { state: condition.type, severity: SEVERITY.failing, why, since: condition.since };
}

/** A cordon is somebody's decision, but one that is easily forgotten, so it is named before what is healthy. */
function cordonOf(node: Parameters<Judge>[0], now: Date): Health {
  const taint = listAt(node, 'spec', 'taints').find(
    (each) => textAt(each, 'key') === 'node.kubernetes.io/unschedulable',
  );
  const since = timeOf(textAt(taint, 'timeAdded'));
  const ago = since === null ? '' : ` ${showAge((now.getTime() - since) / 1000)} ago`;
  return { state: 'SchedulingDisabled', severity: NOTE, why: `cordoned${ago}`, since };
}
