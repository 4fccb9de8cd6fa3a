import { at, entriesAt, type Json, type JsonObject, listAt, numberAt, textAt } from '../../../src/kubernetes/json.ts';
import { ageOf, columns, containersOf, nameOf, type Printer } from './cells.ts';

const TEMPLATE = ['Containers', 'Images'] as const;

/** Deployments. */
export const deploymentPrinter: Printer = {
  columns: columns(['Name', 'Ready', 'Up-to-date', 'Available', 'Age'], [...TEMPLATE, 'Selector']),
  cells: (deployment, nowMs) => [
    nameOf(deployment),
    `${status(deployment, 'readyReplicas')}/${wanted(deployment)}`,
    status(deployment, 'updatedReplicas'),
    status(deployment, 'availableReplicas'),
    ageOf(deployment, nowMs),
    ...template(deployment),
    printSelector(at(deployment, 'spec', 'selector')),
  ],
};

/** ReplicaSets, and ReplicationControllers. */
export const replicaSetPrinter: Printer = {
  columns: columns(['Name', 'Desired', 'Current', 'Ready', 'Age'], [...TEMPLATE, 'Selector']),
  cells: (set, nowMs) => [
    nameOf(set),
    wanted(set),
    status(set, 'replicas'),
    status(set, 'readyReplicas'),
    ageOf(set, nowMs),
    ...template(set),
    printSelector(at(set, 'spec', 'selector')),
  ],
};

/** StatefulSets. */
export const statefulSetPrinter: Printer = {
  columns: columns(['Name', 'Ready', 'Age'], TEMPLATE),
  cells: (set, nowMs) => [
    nameOf(set),
    `${status(set, 'readyReplicas')}/${wanted(set)}`,
    ageOf(set, nowMs),
    ...template(set),
  ],
};

/** DaemonSets. */
export const daemonSetPrinter: Printer = {
  columns: columns(
    ['Name', 'Desired', 'Current', 'Ready', 'Up-to-date', 'Available', 'Node Selector', 'Age'],
    [...TEMPLATE, 'Selector'],
  ),
  cells: (set, nowMs) => [
    nameOf(set),
    status(set, 'desiredNumberScheduled'),
    status(set, 'currentNumberScheduled'),
    status(set, 'numberReady'),
    status(set, 'updatedNumberScheduled'),
    status(set, 'numberAvailable'),
    printLabels(at(set, 'spec', 'template', 'spec', 'nodeSelector')),
    ageOf(set, nowMs),
    ...template(set),
    printSelector(at(set, 'spec', 'selector')),
  ],
};

/** `a=b,c=d`; `<none>` for no labels. */
export function printLabels(labels: Json | undefined): string {
  const pairs = entriesAt({ labels }, 'labels').map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? '<none>' : pairs.sort().join(',');
}

/** A label selector (meta/v1) in the form that list queries take. */
export function printSelector(selector: Json | undefined): string {
  const expressions = listAt(selector, 'matchExpressions').map((each) => {
    const key = textAt(each, 'key') ?? '';
    const values = listAt(each, 'values').join(',');
    const operator = textAt(each, 'operator');
    if (operator === 'Exists') return key;
    return operator === 'DoesNotExist' ? `!${key}` : `${key} ${operator === 'In' ? 'in' : 'notin'} (${values})`;
  });
  const labels = printLabels(at(selector, 'matchLabels'));
  const parts = [...(labels === '<none>' ? [] : [labels]), ...expressions];
  return parts.length === 0 ? '<none>' : parts.join(',');
}

function template(object: JsonObject): [string, string] {
  return containersOf(at(object, 'spec', 'template', 'spec'));
}

function wanted(object: JsonObject): number {
  return numberAt(object, 'spec', 'replicas') ?? 1;
}

function status(object: JsonObject, field: string): number {
  return numberAt(object, 'status', field) ?? 0;
}
