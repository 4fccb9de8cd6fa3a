import { entriesAt, isTrueAt, type JsonObject, listAt, textAt } from '../../../src/kubernetes/json.ts';
import { ageOf, columns, nameOf, orNone, type Printer } from './cells.ts';

const ROLE = 'node-role.kubernetes.io/';

/** Nodes. */
export const nodePrinter: Printer = {
  columns: columns(
    ['Name', 'Status', 'Roles', 'Age', 'Version'],
    ['Internal-IP', 'External-IP', 'OS-Image', 'Kernel-Version', 'Container-Runtime'],
  ),
  cells: (node, nowMs) => [
    nameOf(node),
    statusOf(node),
    orNone(rolesOf(node)),
    ageOf(node, nowMs),
    textAt(node, 'status', 'nodeInfo', 'kubeletVersion') ?? '',
    orNone(addressOf(node, 'InternalIP')),
    orNone(addressOf(node, 'ExternalIP')),
    textAt(node, 'status', 'nodeInfo', 'osImage') ?? '<unknown>',
    kernelOf(node),
    textAt(node, 'status', 'nodeInfo', 'containerRuntimeVersion') ?? '<unknown>',
  ],
};

function statusOf(node: JsonObject): string {
  const ready = listAt(node, 'status', 'conditions').find((each) => textAt(each, 'type') === 'Ready');
  const words = [ready === undefined ? 'Unknown' : textAt(ready, 'status') === 'True' ? 'Ready' : 'NotReady'];
  if (isTrueAt(node, 'spec', 'unschedulable')) words.push('SchedulingDisabled');
  return words.join(',');
}

function rolesOf(node: JsonObject): string {
  const labels = entriesAt(node, 'metadata', 'labels');
  return labels
    .flatMap(([key]) => (key.startsWith(ROLE) ? [key.slice(ROLE.length)] : []))
    .sort()
    .join(',');
}

function kernelOf(node: JsonObject): string {
  const kernel = textAt(node, 'status', 'nodeInfo', 'kernelVersion');
  const architecture = textAt(node, 'status', 'nodeInfo', 'architecture');
  return kernel === undefined ? '<unknown>' : `${kernel} (${architecture})`;
}

function addressOf(node: JsonObject, type: string): string | undefined {
  const found = listAt(node, 'status', 'addresses').find((each) => textAt(each, 'type') === type);
  return textAt(found, 'address');
}
