import type { ServedResource } from '../served-resources.ts';
import { autoscalerPrinter, disruptionBudgetPrinter } from './autoscaling.ts';
import { cronJobPrinter, jobPrinter } from './batch.ts';
import type { Printer } from './cells.ts';
import {
  apiServicePrinter,
  configMapPrinter,
  createdAtPrinter,
  leasePrinter,
  namespacePrinter,
  plainPrinter,
  priorityClassPrinter,
  quotaPrinter,
  roleBindingPrinter,
  secretPrinter,
  serviceAccountPrinter,
  webhooksPrinter,
} from './configuration.ts';
import { customPrinter } from './custom-resources.ts';
import { eventPrinter } from './events.ts';
import {
  endpointSlicePrinter,
  endpointsPrinter,
  ingressClassPrinter,
  ingressPrinter,
  networkPolicyPrinter,
  servicePrinter,
} from './networking.ts';
import { nodePrinter } from './nodes.ts';
import { podPrinter } from './pods.ts';
import { claimPrinter, storageClassPrinter, volumePrinter } from './storage.ts';
import { daemonSetPrinter, deploymentPrinter, replicaSetPrinter, statefulSetPrinter } from './workloads.ts';

const PRINTERS: Readonly<Record<string, Printer>> = {
  '/configmaps': configMapPrinter,
  '/endpoints': endpointsPrinter,
  '/limitranges': createdAtPrinter,
  '/namespaces': namespacePrinter,
  '/nodes': nodePrinter,
  '/persistentvolumeclaims': claimPrinter,
  '/persistentvolumes': volumePrinter,
  '/pods': podPrinter,
  '/replicationcontrollers': replicaSetPrinter,
  '/resourcequotas': quotaPrinter,
  '/secrets': secretPrinter,
  '/serviceaccounts': serviceAccountPrinter,
  '/services': servicePrinter,
  events: eventPrinter,
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': webhooksPrinter,
  'admissionregistration.k8s.io/validatingwebhookconfigurations': webhooksPrinter,
  'apiextensions.k8s.io/customresourcedefinitions': createdAtPrinter,
  'apiregistration.k8s.io/apiservices': apiServicePrinter,
  'apps/daemonsets': daemonSetPrinter,
  'apps/deployments': deploymentPrinter,
  'apps/replicasets': replicaSetPrinter,
  'apps/statefulsets': statefulSetPrinter,
  'autoscaling/horizontalpodautoscalers': autoscalerPrinter,
  'batch/cronjobs': cronJobPrinter,
  'batch/jobs': jobPrinter,
  'coordination.k8s.io/leases': leasePrinter,
  'discovery.k8s.io/endpointslices': endpointSlicePrinter,
  'networking.k8s.io/ingressclasses': ingressClassPrinter,
  'networking.k8s.io/ingresses': ingressPrinter,
  'networking.k8s.io/networkpolicies': networkPolicyPrinter,
  'policy/poddisruptionbudgets': disruptionBudgetPrinter,
  'rbac.authorization.k8s.io/clusterrolebindings': roleBindingPrinter,
  'rbac.authorization.k8s.io/clusterroles': createdAtPrinter,
  'rbac.authorization.k8s.io/rolebindings': roleBindingPrinter,
  'rbac.authorization.k8s.io/roles': createdAtPrinter,
  'scheduling.k8s.io/priorityclasses': priorityClassPrinter,
  'storage.k8s.io/storageclasses': storageClassPrinter,
};

/** How objects of a kind are printed. */
export function printerOf(resource: ServedResource): Printer {
  if (resource.printerColumns !== null) return customPrinter(resource.printerColumns);
  return PRINTERS[resource.storage] ?? plainPrinter;
}
