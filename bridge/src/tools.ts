import type { Tool } from './tool.ts';
import { alertsList } from './tools/alerts-list.ts';
import { hostCertificates } from './tools/host-certificates.ts';
import { hostFacts } from './tools/host-facts.ts';
import { k8sEvents } from './tools/k8s-events.ts';
import { k8sGet } from './tools/k8s-get.ts';
import { k8sTop } from './tools/k8s-top.ts';
import { lokiLabels } from './tools/loki-labels.ts';
import { lokiQuery } from './tools/loki-query.ts';
import { promqlQuery } from './tools/promql-query.ts';
import { promqlSearch } from './tools/promql-search.ts';
import { systemdStatus } from './tools/systemd-status.ts';
import { tailPodLogs } from './tools/tail-pod-logs.ts';

/** Every tool there is, in the order clients list them. */
export const tools: readonly Tool[] = [
  k8sGet,
  k8sEvents,
  k8sTop,
  tailPodLogs,
  systemdStatus,
  hostFacts,
  hostCertificates,
  promqlQuery,
  promqlSearch,
  lokiQuery,
  lokiLabels,
  alertsList,
];
