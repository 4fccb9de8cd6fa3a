import { at, type Json, type JsonObject, listAt, numberAt, textAt } from '../../../src/kubernetes/json.ts';
import { ageOf, columns, nameOf, type Printer } from './cells.ts';

/** HorizontalPodAutoscalers (autoscaling/v2). */
export const autoscalerPrinter: Printer = {
  columns: columns(['Name', 'Reference', 'Targets', 'MinPods', 'MaxPods', 'Replicas', 'Age']),
  cells: (autoscaler, nowMs) => [
    nameOf(autoscaler),
    `${textAt(autoscaler, 'spec', 'scaleTargetRef', 'kind')}/${textAt(autoscaler, 'spec', 'scaleTargetRef', 'name')}`,
    targetsOf(autoscaler),
    String(numberAt(autoscaler, 'spec', 'minReplicas') ?? 1),
    numberAt(autoscaler, 'spec', 'maxReplicas') ?? 0,
    numberAt(autoscaler, 'status', 'currentReplicas') ?? 0,
    ageOf(autoscaler, nowMs),
  ],
};

/** PodDisruptionBudgets. */
export const disruptionBudgetPrinter: Printer = {
  columns: columns(['Name', 'Min Available', 'Max Unavailable', 'Allowed Disruptions', 'Age']),
  cells: (budget, nowMs) => {
    const limit = (field: string) => {
      const value = at(budget, 'spec', field);
      return value === undefined || value === null ? 'N/A' : String(value);
    };
    return [
      nameOf(budget),
      limit('minAvailable'),
      limit('maxUnavailable'),
      numberAt(budget, 'status', 'disruptionsAllowed') ?? 0,
      ageOf(budget, nowMs),
    ];
  },
};

function targetsOf(autoscaler: JsonObject): string {
  const current = listAt(autoscaler, 'status', 'currentMetrics');
  const targets = listAt(autoscaler, 'spec', 'metrics').map((metric, index) => targetOf(metric, current[index]));
  return targets.length === 0 ? '<none>' : targets.join(', ');
}

function targetOf(metric: Json, current: Json | undefined): string {
  const type = textAt(metric, 'type') === 'Pods' ? 'pods' : 'resource';
  const name = textAt(metric, 'resource', 'name') ?? textAt(metric, 'pods', 'metric', 'name') ?? '';
  const utilization = numberAt(metric, type, 'target', 'averageUtilization');
  if (utilization === undefined) {
    const now = textAt(current, type, 'current', 'averageValue') ?? '<unknown>';
    return `${type === 'pods' ? '' : `${name}: `}${now}/${textAt(metric, type, 'target', 'averageValue')}`;
  }
  const now = numberAt(current, 'resource', 'current', 'averageUtilization');
  return `${name}: ${now === undefined ? '<unknown>' : `${now}%`}/${utilization}%`;
}
