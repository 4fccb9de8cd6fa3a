import { entriesAt, isTrueAt, type JsonObject, listAt, numberAt, textAt } from '../../../src/kubernetes/json.ts';
import { ageOf, columns, nameOf, type Printer } from './cells.ts';

/** Kinds without columns of their own. */
export const plainPrinter: Printer = {
  columns: columns(['Name', 'Age']),
  cells: (object, nowMs) => [nameOf(object), ageOf(object, nowMs)],
};

/** Kinds that show when they were made. */
export const createdAtPrinter: Printer = {
  columns: columns(['Name', 'Created At']),
  cells: (object) => [nameOf(object), textAt(object, 'metadata', 'creationTimestamp') ?? ''],
};

/** Namespaces. */
export const namespacePrinter: Printer = {
  columns: columns(['Name', 'Status', 'Age']),
  cells: (namespace, nowMs) => [nameOf(namespace), textAt(namespace, 'status', 'phase') ?? '', ageOf(namespace, nowMs)],
};

/** ConfigMaps. */
export const configMapPrinter: Printer = {
  columns: columns(['Name', 'Data', 'Age']),
  cells: (map, nowMs) => [nameOf(map), keys(map, 'data') + keys(map, 'binaryData'), ageOf(map, nowMs)],
};

/** Secrets. */
export const secretPrinter: Printer = {
  columns: columns(['Name', 'Type', 'Data', 'Age']),
  cells: (secret, nowMs) => [
    nameOf(secret),
    textAt(secret, 'type') ?? 'Opaque',
    keys(secret, 'data'),
    ageOf(secret, nowMs),
  ],
};

/** ServiceAccounts. */
export const serviceAccountPrinter: Printer = {
  columns: columns(['Name', 'Secrets', 'Age']),
  cells: (account, nowMs) => [nameOf(account), listAt(account, 'secrets').length, ageOf(account, nowMs)],
};

/** ResourceQuotas. */
export const quotaPrinter: Printer = {
  columns: columns(['Name', 'Request', 'Limit', 'Age']),
  cells: (quota, nowMs) => {
    const used = entriesAt(quota, 'status', 'hard').map(
      ([resource, hard]) => `${resource}: ${textAt(quota, 'status', 'used', resource) ?? '0'}/${hard}`,
    );
    const limits = used.filter((each) => each.startsWith('limits.'));
    const requests = used.filter((each) => !each.startsWith('limits.'));
    return [nameOf(quota), requests.join(', '), limits.join(', '), ageOf(quota, nowMs)];
  },
};

/** Leases. */
export const leasePrinter: Printer = {
  columns: columns(['Name', 'Holder', 'Age']),
  cells: (lease, nowMs) => [nameOf(lease), textAt(lease, 'spec', 'holderIdentity') ?? '', ageOf(lease, nowMs)],
};

/** PriorityClasses. */
export const priorityClassPrinter: Printer = {
  columns: columns(['Name', 'Value', 'Global-Default', 'Age', 'PreemptionPolicy']),
  cells: (priority, nowMs) => [
    nameOf(priority),
    numberAt(priority, 'value') ?? 0,
    isTrueAt(priority, 'globalDefault'),
    ageOf(priority, nowMs),
    textAt(priority, 'preemptionPolicy') ?? 'PreemptLowerPriority',
  ],
};

/** RoleBindings and ClusterRoleBindings. */
export const roleBindingPrinter: Printer = {
  columns: columns(['Name', 'Role', 'Age']),
  cells: (binding, nowMs) => [
    nameOf(binding),
    `${textAt(binding, 'roleRef', 'kind')}/${textAt(binding, 'roleRef', 'name')}`,
    ageOf(binding, nowMs),
  ],
};

/** Webhook configurations. */
export const webhooksPrinter: Printer = {
  columns: columns(['Name', 'Webhooks', 'Age']),
  cells: (hooks, nowMs) => [nameOf(hooks), listAt(hooks, 'webhooks').length, ageOf(hooks, nowMs)],
};

/** APIServices. */
export const apiServicePrinter: Printer = {
  columns: columns(['Name', 'Service', 'Available', 'Age']),
  cells: (service, nowMs) => {
    const name = textAt(service, 'spec', 'service', 'name');
    const available = listAt(service, 'status', 'conditions').find((each) => textAt(each, 'type') === 'Available');
    const state = textAt(available, 'status') ?? 'Unknown';
    return [
      nameOf(service),
      name === undefined ? 'Local' : `${textAt(service, 'spec', 'service', 'namespace')}/${name}`,
      state === 'True' ? state : `${state} (${textAt(available, 'reason') ?? ''})`,
      ageOf(service, nowMs),
    ];
  },
};

function keys(object: JsonObject, field: string): number {
  return entriesAt(object, field).length;
}
