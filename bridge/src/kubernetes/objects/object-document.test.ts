import { encode } from 'gpt-tokenizer';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { livedInNode, livedInPod } from '../../../test/kubernetes/lived-in-objects.ts';
import { recording } from '../../../test/kubernetes/recordings.ts';
import { SEED_SECRETS } from '../../../test/kubernetes/seed-config.ts';
import { seededCluster } from '../../../test/kubernetes/seeds.ts';
import { at, isObject, type Json, type JsonObject, listAt } from '../json.ts';
import { objectDocument } from './object-document.ts';

function linesOf(object: JsonObject, output: 'yaml' | 'json' = 'yaml'): string {
  return objectDocument(object, { output })
    .rows.map(([line]) => String(line))
    .join('\n');
}

function tokensOf(text: string): number {
  return encode(text).length;
}

/** Markers differ from process to process. */
function unsalted(text: string): string {
  return text.replace(/redacted:\w{6}/g, 'redacted:######');
}

function objectOf(value: Json | undefined): JsonObject {
  if (!isObject(value)) throw new Error('no object here');
  return value;
}

describe('objectDocument', () => {
  it('is what one reads of a pod: the finding first, no bookkeeping, no credentials', async () => {
    const text = linesOf(livedInPod);
    await expect(unsalted(text)).toMatchFileSnapshot('../../../test/golden/object-pod.txt');
    expect(text).not.toMatch(/correct-horse|s3cr3t|hunter2|tok-in-args|managedFields|uid:|9c1d5f0f/);
    expect(text.indexOf('CrashLoopBackOff')).toBeLessThan(text.indexOf('spec:'));
  });

  it('is what one reads of a node', async () => {
    const text = linesOf(livedInNode);
    await expect(text).toMatchFileSnapshot('../../../test/golden/object-node.txt');
    expect(text).not.toContain('sizeBytes');
    expect(text).toContain('KubeletHasDiskPressure');
  });

  it('costs a fraction of the object', () => {
    const recordedPod = objectOf(listAt(recording('pods-list-page1').body, 'items')[0]);
    const recordedNode = objectOf(recording('node-get').body);
    const bounds = [
      { object: livedInPod, yaml: 810, json: 740, before: 1600 },
      { object: livedInNode, yaml: 510, json: 475, before: 5000 },
      { object: recordedPod, yaml: 280, json: 265, before: 800 },
      { object: recordedNode, yaml: 390, json: 355, before: 800 },
    ];
    for (const { object, yaml, json, before } of bounds) {
      expect(tokensOf(JSON.stringify(object))).toBeGreaterThan(before);
      expect(tokensOf(unsalted(linesOf(object)))).toBeLessThanOrEqual(yaml);
      expect(tokensOf(unsalted(linesOf(object, 'json')))).toBeLessThanOrEqual(json);
    }
  });

  it('says the same in YAML and in JSON, and both can be read back', () => {
    for (const object of [livedInPod, livedInNode]) {
      const { leftOut, ...asJson } = JSON.parse(linesOf(object, 'json'));
      expect(parse(linesOf(object))).toStrictEqual(asJson);
      expect(linesOf(object)).toContain(`# left out: ${leftOut.join(', ')}; fields=<path> shows one`);
    }
  });

  it('leaves out only what it names', () => {
    const plain: JsonObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
      data: { protocol: 'TCP', env: '' },
    };
    expect(linesOf(plain)).toBe(
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  protocol: TCP\n  env: ""',
    );
  });

  it('keeps what is empty and means something', () => {
    const policy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'deny' },
      spec: { podSelector: {}, ingress: [], policyTypes: ['Ingress'] },
    };
    expect(parse(linesOf(policy))).toStrictEqual(policy);
    const issuer = {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Issuer',
      metadata: { name: 'x' },
      spec: { selfSigned: {} },
    };
    expect(parse(linesOf(issuer))).toStrictEqual(issuer);
    expect(linesOf(livedInPod)).toContain('{name: cache, emptyDir: {}}');
  });

  it('takes nothing of a custom resource for a default', () => {
    const thing = {
      apiVersion: 'example.org/v1',
      kind: 'Thing',
      metadata: { name: 'x' },
      spec: {
        priority: 0,
        protocol: 'TCP',
        timeoutSeconds: 1,
        suspend: false,
        resources: {},
        currentRevision: 'a',
        updateRevision: 'a',
      },
    };
    expect(parse(linesOf(thing))).toStrictEqual(thing);
  });

  it('shows the generations where a controller has not seen the last change', () => {
    const deployment = (observedGeneration: number): JsonObject => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'x', generation: 4 },
      status: { observedGeneration, replicas: 1 },
    });
    expect(linesOf(deployment(4))).not.toContain('eneration');
    expect(linesOf(deployment(3))).toMatch(/generation: 4[\s\S]*observedGeneration: 3/);
  });

  it('keeps since when and why of a condition that is not as it should be', () => {
    const conditions = [
      {
        type: 'Available',
        status: 'False',
        lastTransitionTime: '2026-11-22T12:00:00Z',
        reason: 'MinimumReplicasUnavailable',
      },
      { type: 'ReplicaFailure', status: 'True', lastTransitionTime: '2026-11-22T12:00:01Z', reason: 'FailedCreate' },
      {
        type: 'DiskPressure',
        status: 'Unknown',
        lastTransitionTime: '2026-11-22T12:00:02Z',
        reason: 'NodeStatusUnknown',
      },
    ];
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' }, status: { conditions } };
    expect(parse(linesOf(deployment))).toStrictEqual(deployment);
  });

  it('leaves out the schema of a CustomResourceDefinition and the bundle of a webhook', () => {
    const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object' } } } };
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      spec: { versions: [{ name: 'v1', schema }] },
    };
    const text = linesOf(definition);
    expect(text).toContain('versions: [{name: v1}]');
    expect(text).toContain('# left out: schemas;');
    const webhook = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      webhooks: [{ name: 'x', clientConfig: { caBundle: 'LS0t', url: 'https://x' } }],
    };
    expect(linesOf(webhook)).toContain('{name: x, clientConfig: {url: https://x}}');
  });

  it('shows a file of a ConfigMap line by line, without its credentials', () => {
    const data = {
      'app.properties': 'user=app\npassword=s3cr3t-in-config\n',
      'key.pem': '-----BEGIN PRIVATE KEY-----\nMIIEv\n-----END PRIVATE KEY-----\n',
    };
    const text = unsalted(linesOf({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data }));
    expect(text).toContain('  app.properties: |\n    user=app\n    password=[redacted:######]\n');
    expect(text).not.toContain('MIIEv');
  });

  it('shows no secret of any object of a cluster', () => {
    const cluster = seededCluster({ nodes: 20, pods: 300, events: 20 });
    let hidden = 0;
    for (const type of cluster.resources) {
      for (const { body } of cluster.all(type)) {
        const apiVersion = type.group === '' ? type.version : `${type.group}/${type.version}`;
        for (const output of ['yaml', 'json'] as const) {
          const text = linesOf({ apiVersion, kind: type.kind, ...body }, output);
          for (const secret of SEED_SECRETS) expect(text).not.toContain(secret);
          if (text.includes('[redacted:')) hidden += 1;
        }
      }
    }
    expect(hidden).toBeGreaterThan(5);
  });

  it('takes any JSON for an object', () => {
    const odd: JsonObject[] = [
      {},
      { metadata: null, spec: [], status: 'x' },
      { kind: 7, spec: { containers: [null, 1, [[]]] } },
    ];
    for (const object of odd) expect(parse(linesOf(object))).toBeTypeOf('object');
    expect(at(JSON.parse(linesOf({ spec: { containers: [null, 1, [[]]] } }, 'json')), 'spec', 'containers', 1)).toBe(1);
  });
});
