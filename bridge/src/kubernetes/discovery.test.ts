import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findType, parseDiscovery, resourceName, silentGroups, unknownKind } from './discovery.ts';

const recorded = (name: string) => {
  const file = new URL(`../../test/fixtures/kubernetes/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')).body;
};
const types = [...parseDiscovery(recorded('discovery-api')), ...parseDiscovery(recorded('discovery-apis'))];
const custom = (group: string, kind: string, version = 'v1') => {
  const plural = `${kind.toLowerCase()}s`;
  const singular = kind.toLowerCase();
  return { group, version, kind, plural, singular, shortNames: [], namespaced: true, verbs: [], subresources: [] };
};

describe('the types that a server serves', () => {
  it.each([
    ['pods', 'v1/pods'],
    ['Pod', 'v1/pods'],
    ['po', 'v1/pods'],
    ['POD', 'v1/pods'],
    ['v1/Pod', 'v1/pods'],
    ['deploy', 'apps/v1/deployments'],
    ['deployments.apps', 'apps/v1/deployments'],
    ['deployments.v1.apps', 'apps/v1/deployments'],
    ['apps/v1/Deployment', 'apps/v1/deployments'],
    ['apps/deployment', 'apps/v1/deployments'],
    ['hpa', 'autoscaling/v2/horizontalpodautoscalers'],
    ['autoscaling/v1/hpa', 'autoscaling/v1/horizontalpodautoscalers'],
    ['ing', 'networking.k8s.io/v1/ingresses'],
    ['ingress.networking', 'networking.k8s.io/v1/ingresses'],
    ['events', 'v1/events'],
    ['events.events.k8s.io', 'events.k8s.io/v1/events'],
    ['pvc', 'v1/persistentvolumeclaims'],
    ['sc', 'storage.k8s.io/v1/storageclasses'],
    [' cj ', 'batch/v1/cronjobs'],
    ['crd', 'apiextensions.k8s.io/v1/customresourcedefinitions'],
  ])('%j means %s', (written, meant) => {
    const type = findType(written, types);
    expect(type && [type.group, type.version, type.plural].filter((part) => part !== '').join('/')).toBe(meant);
  });

  it.each(['pod/', '', '/', 'apps/v9/Deployment', 'deployments.batch', 'v1/Deployment', 'podz', '../../secrets'])(
    '%j means none',
    (written) => {
      expect(findType(written, types)).toBeUndefined();
    },
  );

  it('knows what can be read of them, and where they live', () => {
    expect(findType('pods', types)).toMatchObject({ namespaced: true, subresources: expect.arrayContaining(['log']) });
    expect(findType('nodes', types)).toMatchObject({ namespaced: false, shortNames: ['no'] });
    expect(findType('pods', types)?.verbs).toEqual(expect.arrayContaining(['get', 'list', 'watch']));
  });

  it('prefers what Kubernetes brings to what was added, and things to measurements of them', () => {
    const added = [
      custom('metrics.k8s.io', 'Pod'),
      custom('example.org', 'Service'),
      custom('example.org', 'Ingress'),
      ...types,
    ];
    for (const kind of ['pod', 'service']) expect(findType(kind, added)?.group).toBe('');
    expect(findType('ingress', added)?.group).toBe('networking.k8s.io');
    expect(findType('services.example.org', added)?.group).toBe('example.org');
    expect(findType('pods.metrics.k8s.io', added)?.group).toBe('metrics.k8s.io');
  });

  it('offers what is near to a kind that is not served', () => {
    expect(unknownKind('deploymnet', { types, silent: [] }, 'kubernetes')).toMatchObject({
      code: 'not_found',
      message: 'kind "deploymnet": the API server serves no such kind',
      hint: expect.stringMatching(/^Near to it: deployments/),
    });
    expect(unknownKind('zzzzzzzz', { types, silent: [] }, 'kubernetes').hint).toMatch(/^Kinds are written like/);
  });

  it('are not said to be missing where what serves them does not answer', () => {
    const document = {
      items: [
        { metadata: { name: 'metrics.k8s.io' }, versions: [{ version: 'v1beta1', freshness: 'Stale' }] },
        { metadata: { name: 'known.example.org' }, versions: [{ freshness: 'Stale', resources: [{ resource: 'a' }] }] },
        { metadata: { name: 'apps' }, versions: [{ freshness: 'Current', resources: [] }] },
      ],
    };
    const known = { types, silent: silentGroups(document) };
    expect(known.silent).toEqual(['metrics.k8s.io']);
    expect(unknownKind('podmetrics.metrics.k8s.io', known, 'kubernetes')).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('what serves metrics.k8s.io does not answer'),
    });
    expect(unknownKind('podmetrics', known, 'kubernetes')).toMatchObject({
      code: 'not_found',
      hint: expect.stringContaining('Kinds of metrics.k8s.io are not known'),
    });
  });

  it('are called as RBAC calls them', () => {
    expect(types.filter(({ kind }) => ['Pod', 'Deployment'].includes(kind)).map(resourceName)).toEqual([
      'pods',
      'deployments.apps',
    ]);
  });

  it('are none in a document that is no discovery', () => {
    for (const document of [null, 1, [], {}, { items: [{ versions: [{ resources: [{}] }] }] }]) {
      expect(parseDiscovery(document)).toEqual([]);
    }
  });
});
