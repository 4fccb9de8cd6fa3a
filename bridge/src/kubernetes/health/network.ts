import { listAt, textAt } from '../json.ts';
import { conditionsOf, deletionHealth, healthBy, showCondition } from './conditions.ts';
import { type Health, healthy, type Judge, SEVERITY, timeOf, worstOf } from './judge.ts';

/** A load balancer may take this long to get its address, milliseconds. */
const PROVISIONING_MS = 5 * 60_000;

/** A Service: of what the object itself shows, only a load balancer without an address is trouble. */
export const judgeService: Judge = (service, now) => {
  const type = textAt(service, 'spec', 'type') ?? 'ClusterIP';
  const without = type === 'LoadBalancer' && !hasAddress(service) ? lacksAddress(service, now) : null;
  // Of an error it is the False that is well: `LoadBalancerPortsError`.
  const noted = conditionsOf(service).flatMap((condition) => {
    const isError = /(?:Error|Failed|Failure)$/.test(condition.type);
    if (condition.status !== (isError ? 'True' : 'False')) return [];
    const state = isError ? condition.type : `Not${condition.type}`;
    return [healthBy(condition, now, { state, severity: SEVERITY.degraded })];
  });
  return worstOf([deletionHealth(service, now), without, ...noted], healthy(type));
};

function lacksAddress(service: Parameters<Judge>[0], now: Date): Health {
  const since = timeOf(textAt(service, 'metadata', 'creationTimestamp'));
  const fresh = since !== null && now.getTime() - since < PROVISIONING_MS;
  const severity = fresh ? SEVERITY.note : SEVERITY.failing;
  return { state: 'NoAddress', severity, why: 'load balancer has no address', since };
}

/** An Ingress; without an address it may still be served, by a controller that does not report one. */
export const judgeIngress: Judge = (ingress, now) => {
  const unset: Health | null = hasAddress(ingress)
    ? null
    : { state: 'NoAddress', severity: SEVERITY.note, why: 'no address yet', since: null };
  return worstOf([deletionHealth(ingress, now), unset], healthy('Addressed'));
};

function hasAddress(object: Parameters<Judge>[0]): boolean {
  return listAt(object, 'status', 'loadBalancer', 'ingress').length > 0;
}

/** A Namespace: one that cannot be deleted says in its conditions what is left in it. */
export const judgeNamespace: Judge = (namespace, now) => {
  const phase = textAt(namespace, 'status', 'phase') ?? 'Active';
  const deletion = deletionHealth(namespace, now);
  const left = conditionsOf(namespace).filter(
    ({ type, status }) => status === 'True' && /Failure$|Remaining$/.test(type),
  );
  const [first] = left;
  if (deletion === null) return healthy(phase);
  return first === undefined ? deletion : { ...deletion, why: showCondition(first) };
};
