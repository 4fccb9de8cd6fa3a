import type { Cluster } from './cluster.ts';
import { object } from './cluster-objects.ts';
import { configMap, namespace, secret } from './service-objects.ts';

/** What no answer may show, whatever was asked. */
export const SEED_SECRETS: readonly string[] = [
  'hunter2-must-not-leak',
  Buffer.from('hunter2-must-not-leak').toString('base64'),
  's3cr3t-in-env',
  's3cr3t-in-url',
  's3cr3t-in-config',
  's3cr3t-in-properties',
  'MIIEpAIBAAKCAQEAseededprivatekeyseededprivatekey',
  'ghp_seededTokenSeededTokenSeededToken0000',
];

/** Environment of pods that have credentials in the clear. */
export const SECRET_ENV: Readonly<Record<string, string>> = {
  LOG_LEVEL: 'info',
  API_TOKEN: 's3cr3t-in-env',
  DATABASE_URL: 'postgres://ledger:s3cr3t-in-url@postgres.payments:5432/ledger?sslmode=require',
};

/** ConfigMaps with credentials in them, Secrets, and what every namespace has. */
export function seedConfiguration(cluster: Cluster, namespaces: readonly string[]): void {
  for (const each of namespaces) {
    cluster.add(
      configMap({ name: 'kube-root-ca.crt', namespace: each, age: '90d', data: { 'ca.crt': CA } }),
      object('v1', 'ServiceAccount', { name: 'default', namespace: each, age: '90d' }),
    );
  }
  cluster.add(
    namespace({
      name: 'legacy',
      age: '400d',
      deleted: '3h',
      stuck: 'Some resources are remaining: widgets.example.com has 2 resource instances',
    }),
    configMap({ name: 'settings', namespace: 'payments', data: { LOG_LEVEL: 'info', LOCALE: 'en_GB' } }),
    configMap({
      name: 'ledger-config',
      namespace: 'payments',
      data: {
        'application.properties':
          'server.port=8080\nspring.datasource.username=ledger\nspring.datasource.password=s3cr3t-in-properties\n',
        'config.yaml': 'endpoint: https://ledger:s3cr3t-in-url@mq.example:5671/\nretries: 3\n',
        SMTP_PASSWORD: 's3cr3t-in-config',
        'deploy.key': `-----BEGIN RSA PRIVATE KEY-----\n${PRIVATE_KEY}\n-----END RSA PRIVATE KEY-----\n`,
        GITHUB_TOKEN: 'ghp_seededTokenSeededTokenSeededToken0000',
      },
    }),
    secret({ name: 'db-password', namespace: 'payments', data: { password: 'hunter2-must-not-leak' } }),
    secret({
      name: 'shop-tls',
      namespace: 'shop',
      type: 'kubernetes.io/tls',
      data: {
        'tls.crt': CA,
        'tls.key': `-----BEGIN RSA PRIVATE KEY-----\n${PRIVATE_KEY}\n-----END RSA PRIVATE KEY-----\n`,
      },
    }),
    secret({
      name: 'registry',
      namespace: 'shop',
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': '{"auths":{"registry.example":{"auth":"cHVsbDpodW50ZXIyLW11c3Qtbm90LWxlYWs="}}}' },
    }),
    object(
      'v1',
      'ResourceQuota',
      { name: 'compute', namespace: 'payments', age: '90d' },
      {
        spec: { hard: { 'requests.cpu': '40', 'requests.memory': '80Gi', 'limits.memory': '120Gi', pods: '200' } },
        status: {
          hard: { 'requests.cpu': '40', 'requests.memory': '80Gi', 'limits.memory': '120Gi', pods: '200' },
          used: { 'requests.cpu': '38500m', 'requests.memory': '61Gi', 'limits.memory': '96Gi', pods: '187' },
        },
      },
    ),
    object(
      'policy/v1',
      'PodDisruptionBudget',
      { name: 'checkout', namespace: 'shop', age: '90d' },
      {
        spec: { minAvailable: 9, selector: { matchLabels: { app: 'checkout' } } },
        status: {
          currentHealthy: 7,
          desiredHealthy: 9,
          disruptionsAllowed: 0,
          expectedPods: 10,
          observedGeneration: 1,
        },
      },
    ),
    object(
      'networking.k8s.io/v1',
      'NetworkPolicy',
      { name: 'default-deny', namespace: 'payments', age: '90d' },
      {
        spec: { podSelector: {}, policyTypes: ['Ingress'] },
      },
    ),
  );
}

const CA =
  '-----BEGIN CERTIFICATE-----\nMIIBdzCCAR2gAwIBAgIBADAKBggqhkjOPQQDAjAjMSEwHwYDVQQDDBhrM3Mtc2Vy\n-----END CERTIFICATE-----\n';
const PRIVATE_KEY = 'MIIEpAIBAAKCAQEAseededprivatekeyseededprivatekey';
