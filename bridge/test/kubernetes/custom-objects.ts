import type { Json, JsonObject } from '../../src/kubernetes/json.ts';
import { condition, type Named, object } from './cluster-objects.ts';
import { ago, SEED_NOW, secondsOf } from './seed-time.ts';

export interface DefinitionOptions {
  group: string;
  version: string;
  kind: string;
  plural: string;
  shortNames?: readonly string[];
  scope?: 'Namespaced' | 'Cluster';
  /** `additionalPrinterColumns`; the server shows the age where there are none. */
  columns?: readonly JsonObject[];
}

/** A CustomResourceDefinition whose objects may have any fields. */
export function definition(options: DefinitionOptions): JsonObject {
  const { group, version, kind, plural, shortNames = [], scope = 'Namespaced', columns = [] } = options;
  const names = { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List`, shortNames };
  return object(
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    {
      name: `${plural}.${group}`,
      age: '120d',
      // The server takes groups of Kubernetes itself only with this.
      ...(group.endsWith('.k8s.io')
        ? { annotations: { 'api-approved.kubernetes.io': 'unapproved, only for tests' } }
        : {}),
    },
    {
      spec: {
        group,
        names,
        scope,
        versions: [
          {
            name: version,
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
            subresources: { status: {} },
            ...(columns.length === 0 ? {} : { additionalPrinterColumns: columns }),
          },
        ],
      },
      status: {
        conditions: [
          condition({ type: 'NamesAccepted', status: 'True', reason: 'NoConflicts' }),
          condition({ type: 'Established', status: 'True', reason: 'InitialNamesAccepted' }),
        ],
        acceptedNames: names,
        storedVersions: [version],
      },
    },
  );
}

/** Certificates of cert-manager. */
export const CERTIFICATES = definition({
  group: 'cert-manager.io',
  version: 'v1',
  kind: 'Certificate',
  plural: 'certificates',
  shortNames: ['cert', 'certs'],
  columns: [
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type == "Ready")].status' },
    { name: 'Secret', type: 'string', jsonPath: '.spec.secretName' },
    { name: 'Issuer', type: 'string', jsonPath: '.spec.issuerRef.name', priority: 1 },
    { name: 'Status', type: 'string', jsonPath: '.status.conditions[?(@.type == "Ready")].message', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
});

/** Objects of the vertical pod autoscaler. */
export const VERTICAL_AUTOSCALERS = definition({
  group: 'autoscaling.k8s.io',
  version: 'v1',
  kind: 'VerticalPodAutoscaler',
  plural: 'verticalpodautoscalers',
  shortNames: ['vpa'],
  columns: [
    { name: 'Mode', type: 'string', jsonPath: '.spec.updatePolicy.updateMode' },
    { name: 'CPU', type: 'string', jsonPath: '.status.recommendation.containerRecommendations[0].target.cpu' },
    { name: 'Mem', type: 'string', jsonPath: '.status.recommendation.containerRecommendations[0].target.memory' },
    {
      name: 'Provided',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="RecommendationProvided")].status',
    },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
});

/** A certificate of cert-manager; `problem` is why it is not ready. */
export function certificate(
  options: Named & { host: string; expiresIn: string; problem?: { reason: string; message: string; since: string } },
): JsonObject {
  const { name, host, expiresIn, problem } = options;
  const notAfter = new Date(SEED_NOW.getTime() + secondsOf(expiresIn) * 1000).toISOString().replace('.000Z', 'Z');
  return object('cert-manager.io/v1', 'Certificate', options, {
    spec: { secretName: `${name}-tls`, dnsNames: [host], issuerRef: { name: 'letsencrypt', kind: 'ClusterIssuer' } },
    status: {
      notAfter,
      notBefore: ago('60d'),
      revision: 3,
      conditions: [
        problem === undefined
          ? condition({
              type: 'Ready',
              status: 'True',
              reason: 'Ready',
              message: 'Certificate is up to date and has not expired',
            })
          : condition({ type: 'Ready', status: 'False', ...problem }),
      ],
    },
  });
}

/** A VerticalPodAutoscaler of a Deployment; without `target` it has no recommendation. */
export function verticalAutoscaler(
  options: Named & { deployment: string; target?: Readonly<Record<string, string>> },
): JsonObject {
  const { deployment, target } = options;
  const recommendation: Json = { containerRecommendations: [{ containerName: 'main', target: target ?? {} }] };
  return object('autoscaling.k8s.io/v1', 'VerticalPodAutoscaler', options, {
    spec: {
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment },
      updatePolicy: { updateMode: 'Off' },
    },
    status: {
      conditions: [
        target === undefined
          ? condition({
              type: 'RecommendationProvided',
              status: 'False',
              reason: 'NoPodsMatched',
              message: 'no pods match the target',
            })
          : condition({ type: 'RecommendationProvided', status: 'True' }),
      ],
      ...(target === undefined ? {} : { recommendation }),
    },
  });
}

/** Usage of a pod as metrics-server has it: cores and bytes of each container, `{ main: { cpu: '12m', memory: '40Mi' } }`. */
export function podMetrics(
  options: Named & {
    containers: Readonly<Record<string, Readonly<Record<string, string>>>>;
    at?: string;
    window?: string;
  },
): JsonObject {
  const { containers, at = '20s', window = '15s' } = options;
  const usage = Object.entries(containers).map(([name, used]) => ({ name, usage: used }));
  return object(
    'metrics.k8s.io/v1beta1',
    'PodMetrics',
    { ...options, age: at },
    { timestamp: ago(at), window, containers: usage },
  );
}

/** Usage of a node as metrics-server has it. */
export function nodeMetrics(
  options: Omit<Named, 'namespace'> & { usage: Readonly<Record<string, string>>; at?: string; window?: string },
): JsonObject {
  const { usage, at = '20s', window = '15s' } = options;
  return object(
    'metrics.k8s.io/v1beta1',
    'NodeMetrics',
    { ...options, age: at },
    { timestamp: ago(at), window, usage },
  );
}
