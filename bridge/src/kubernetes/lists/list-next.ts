import type { NextCall } from '../../answer.ts';
import type { ResourceType } from '../../upstreams/kubernetes.ts';
import type { ListedRow } from './listed-row.ts';

/** States of pods whose containers were restarted: the log of the run that failed is the previous one. */
const RESTARTED = /CrashLoopBackOff|restarting$/;
/** States of pods that have not come to a log, or whose log says nothing of them. */
const LOGLESS = /^(?:Pending|Evicted|Terminating|NodeLost|Unknown|.*Creat.*|.*Image.*|SchedulingGated|PodInitializing)/;

/** The call that goes deeper into what is wrong with one object, when it was only listed or is shown; none where nothing is. */
export function nextCalls(
  { kind, plural, group, namespaced }: ResourceType,
  { namespace, name, health }: Pick<ListedRow, 'namespace' | 'name' | 'health'>,
  from: 'list' | 'object',
): NextCall[] {
  if (health.severity === 0) return [];
  const place: Record<string, string> = namespaced && namespace !== null ? { namespace } : {};
  if (kind !== 'Pod' || group !== '') {
    if (from === 'object') return [{ tool: 'k8s.events', arguments: { ...place, kind, name } }];
    const asked = group.includes('.') && !group.endsWith('.k8s.io') ? `${plural}.${group}` : plural;
    return [{ tool: 'k8s.get', arguments: { kind: asked, ...place, name } }];
  }
  if (LOGLESS.test(health.state)) return [{ tool: 'k8s.events', arguments: { ...place, kind, name } }];
  const previous = RESTARTED.test(health.state) ? { previous: true } : {};
  return [{ tool: 'tail.pod_logs', arguments: { ...place, pod: name, ...previous } }];
}
