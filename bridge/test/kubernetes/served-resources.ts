import { at, isTrueAt, type Json, type JsonObject, listAt, textAt } from '../../src/kubernetes/json.ts';
import { recording } from './recordings.ts';

/** A kind of object that the server serves in one version, as discovery describes it. */
export interface ServedResource {
  /** Empty for the core group. */
  group: string;
  version: string;
  kind: string;
  plural: string;
  namespaced: boolean;
  /** Where its objects are kept: the versions of a kind, and the two kinds of events, share one place. */
  storage: string;
  /** Columns of a custom resource (`additionalPrinterColumns`); null for a kind of the server itself. */
  printerColumns: readonly Json[] | null;
  /** Its entry in aggregated discovery (apidiscovery.k8s.io/v2 APIResourceDiscovery). */
  discovery: Json;
}

/** All that the recorded server serves: core/v1 and the API groups, in the order of its discovery. */
export const BUILT_IN: readonly ServedResource[] = [recording('discovery-api'), recording('discovery-apis')].flatMap(
  ({ body }) => listAt(body, 'items').flatMap(resourcesOf),
);

/** What metrics-server adds: usage of pods and nodes, readable only. */
export const METRICS: readonly ServedResource[] = resourcesOf({
  metadata: { name: 'metrics.k8s.io' },
  versions: [
    {
      version: 'v1beta1',
      resources: [usage('nodes', 'NodeMetrics', 'Cluster'), usage('pods', 'PodMetrics', 'Namespaced')],
    },
  ],
});

/** What a CustomResourceDefinition declares, one entry for each version that it serves, the storage version first. */
export function customResources(definition: JsonObject): ServedResource[] {
  const spec = at(definition, 'spec');
  const names = at(spec, 'names');
  const versions = listAt(spec, 'versions').filter((version) => isTrueAt(version, 'served'));
  return versions.map((version) => {
    const plural = textAt(names, 'plural') ?? '';
    const group = textAt(spec, 'group') ?? '';
    const kind = textAt(names, 'kind') ?? '';
    return {
      group,
      version: textAt(version, 'name') ?? '',
      kind,
      plural,
      namespaced: textAt(spec, 'scope') === 'Namespaced',
      storage: `${group}/${plural}`,
      printerColumns: listAt(version, 'additionalPrinterColumns'),
      discovery: {
        resource: plural,
        responseKind: { group, version: textAt(version, 'name') ?? '', kind },
        scope: textAt(spec, 'scope') ?? 'Namespaced',
        singularResource: textAt(names, 'singular') ?? kind.toLowerCase(),
        verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
        shortNames: listAt(names, 'shortNames'),
        categories: listAt(names, 'categories'),
        subresources: [
          {
            subresource: 'status',
            responseKind: { group, version: textAt(version, 'name') ?? '', kind },
            verbs: ['get', 'patch', 'update'],
          },
        ],
      },
    };
  });
}

/** The document at `/api` or `/apis` for the given resources, groups and versions in their order. */
export function discoveryDocument(resources: readonly ServedResource[], stale: ReadonlySet<string>): JsonObject {
  const groups = Map.groupBy(resources, (resource) => resource.group);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: [...groups].map(([group, ofGroup]) => ({
      metadata: group === '' ? {} : { name: group },
      versions: [...Map.groupBy(ofGroup, (resource) => resource.version)].map(([version, ofVersion]) => ({
        version,
        resources: ofVersion.map((resource) => resource.discovery),
        freshness: stale.has(group) ? 'Stale' : 'Current',
      })),
    })),
  };
}

function resourcesOf(group: Json): ServedResource[] {
  const groupName = textAt(group, 'metadata', 'name') ?? '';
  return listAt(group, 'versions').flatMap((version) =>
    listAt(version, 'resources').map((resource) => {
      const plural = textAt(resource, 'resource') ?? '';
      return {
        group: groupName,
        version: textAt(version, 'version') ?? '',
        kind: textAt(resource, 'responseKind', 'kind') ?? '',
        plural,
        namespaced: textAt(resource, 'scope') === 'Namespaced',
        storage: plural === 'events' ? 'events' : `${groupName}/${plural}`,
        printerColumns: null,
        discovery: resource,
      };
    }),
  );
}

function usage(resource: string, kind: string, scope: string): JsonObject {
  return {
    resource,
    responseKind: { group: '', version: '', kind },
    scope,
    singularResource: '',
    verbs: ['get', 'list'],
  };
}
