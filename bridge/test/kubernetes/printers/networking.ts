import { at, type Json, type JsonObject, listAt, numberAt, textAt } from '../../../src/kubernetes/json.ts';
import { ageOf, columns, nameOf, orNone, type Printer } from './cells.ts';
import { printLabels, printSelector } from './workloads.ts';

/** Services. */
export const servicePrinter: Printer = {
  columns: columns(['Name', 'Type', 'Cluster-IP', 'External-IP', 'Port(s)', 'Age'], ['Selector']),
  cells: (service, nowMs) => [
    nameOf(service),
    textAt(service, 'spec', 'type') ?? 'ClusterIP',
    orNone(textAt(service, 'spec', 'clusterIP')),
    externalOf(service),
    orNone(listAt(service, 'spec', 'ports').map(portOf).join(',')),
    ageOf(service, nowMs),
    printLabels(at(service, 'spec', 'selector')),
  ],
};

/** Ingresses. */
export const ingressPrinter: Printer = {
  columns: columns(['Name', 'Class', 'Hosts', 'Address', 'Ports', 'Age']),
  cells: (ingress, nowMs) => {
    const hosts = listAt(ingress, 'spec', 'rules').map((rule) => textAt(rule, 'host') ?? '*');
    const shown = hosts.length > 3 ? `${hosts.slice(0, 3).join(',')} + ${hosts.length - 3} more...` : hosts.join(',');
    return [
      nameOf(ingress),
      orNone(textAt(ingress, 'spec', 'ingressClassName')),
      hosts.length === 0 ? '*' : shown,
      addressesOf(ingress).join(','),
      listAt(ingress, 'spec', 'tls').length > 0 ? '80, 443' : '80',
      ageOf(ingress, nowMs),
    ];
  },
};

/** Endpoints (core/v1). */
export const endpointsPrinter: Printer = {
  columns: columns(['Name', 'Endpoints', 'Age']),
  cells: (endpoints, nowMs) => {
    const all = listAt(endpoints, 'subsets').flatMap((subset) =>
      listAt(subset, 'ports').flatMap((port) =>
        listAt(subset, 'addresses').map((address) => `${textAt(address, 'ip')}:${numberAt(port, 'port')}`),
      ),
    );
    return [nameOf(endpoints), someOf(all), ageOf(endpoints, nowMs)];
  },
};

/** EndpointSlices (discovery.k8s.io/v1). */
export const endpointSlicePrinter: Printer = {
  columns: columns(['Name', 'AddressType', 'Ports', 'Endpoints', 'Age']),
  cells: (slice, nowMs) => [
    nameOf(slice),
    textAt(slice, 'addressType') ?? '',
    someOf(listAt(slice, 'ports').map((port) => String(numberAt(port, 'port')))),
    someOf(listAt(slice, 'endpoints').flatMap((endpoint) => listAt(endpoint, 'addresses').map(String))),
    ageOf(slice, nowMs),
  ],
};

/** NetworkPolicies. */
export const networkPolicyPrinter: Printer = {
  columns: columns(['Name', 'Pod-Selector', 'Age']),
  cells: (policy, nowMs) => [nameOf(policy), printSelector(at(policy, 'spec', 'podSelector')), ageOf(policy, nowMs)],
};

/** IngressClasses. */
export const ingressClassPrinter: Printer = {
  columns: columns(['Name', 'Controller', 'Parameters', 'Age']),
  cells: (ingressClass, nowMs) => [
    nameOf(ingressClass),
    textAt(ingressClass, 'spec', 'controller') ?? '',
    '<none>',
    ageOf(ingressClass, nowMs),
  ],
};

function externalOf(service: JsonObject): string {
  const type = textAt(service, 'spec', 'type') ?? 'ClusterIP';
  const external = listAt(service, 'spec', 'externalIPs').map(String);
  if (type === 'ExternalName') return textAt(service, 'spec', 'externalName') ?? '';
  if (type === 'LoadBalancer') return [...addressesOf(service), ...external].join(',') || '<pending>';
  return orNone(external.join(','));
}

function addressesOf(object: JsonObject): string[] {
  return listAt(object, 'status', 'loadBalancer', 'ingress').map(
    (each) => textAt(each, 'ip') ?? textAt(each, 'hostname') ?? '',
  );
}

function portOf(port: Json): string {
  const node = numberAt(port, 'nodePort');
  const number = numberAt(port, 'port');
  return `${number}${node === undefined ? '' : `:${node}`}/${textAt(port, 'protocol') ?? 'TCP'}`;
}

/** The first three. */
function someOf(all: readonly string[]): string {
  if (all.length === 0) return '<none>';
  return all.length > 3 ? `${all.slice(0, 3).join(',')} + ${all.length - 3} more...` : all.join(',');
}
