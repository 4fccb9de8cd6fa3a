import { inParallel } from '../../bridge/src/kubernetes/in-parallel.ts';
import { isObject, type Json, type JsonObject, listAt, textAt } from '../../bridge/src/kubernetes/json.ts';
import type { Cluster, Stored } from '../../bridge/test/kubernetes/cluster.ts';
import { SEED_NOW } from '../../bridge/test/kubernetes/seed-time.ts';
import type { ServedResource } from '../../bridge/test/kubernetes/served-resources.ts';
import type { KubeApiServer } from './kube-apiserver.ts';
import { poll } from './program.ts';

/** Requests at once. */
const AT_ONCE = 8;
/** What must be there before the rest. */
const FIRST = ['Namespace', 'CustomResourceDefinition'];
/** What the server fills in. */
const FILLED_IN = [
  'deletionGracePeriodSeconds',
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'managedFields',
];
const MOMENT = /"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z"/g;

/**
 * Creates the objects of a cluster in a real one, with their status. Times are moved so that what happened a minute before
 * SEED_NOW happened a minute ago; when an object was made is the server's to say, so everything is young.
 */
export async function seedKubeApiServer(server: KubeApiServer, cluster: Cluster): Promise<void> {
  const shiftMs = Date.now() - SEED_NOW.getTime();
  const all = cluster.resources
    .filter((resource, index) => index === cluster.resources.findIndex((each) => each.storage === resource.storage))
    .flatMap((resource) => cluster.all(resource).map((stored) => ({ resource, stored })));
  const isFirst = ({ resource }: { resource: ServedResource }) => FIRST.includes(resource.kind);
  const create = ({ resource, stored }: { resource: ServedResource; stored: Stored }) =>
    createObject(server, resource, shifted(stored.body, shiftMs));
  await inParallel(all.filter(isFirst), AT_ONCE, create);
  await poll('the custom resources to be served', async () => {
    const definitions = await server.send('GET', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions');
    return listAt(definitions, 'items').every(isEstablished) ? true : null;
  });
  await inParallel(
    all.filter((each) => !isFirst(each)),
    AT_ONCE,
    create,
  );
}

async function createObject(server: KubeApiServer, resource: ServedResource, body: JsonObject): Promise<void> {
  const { group, version, kind, plural, namespaced, discovery } = resource;
  const { metadata, status, spec, ...rest } = body;
  const given = isObject(metadata) ? metadata : {};
  const name = textAt(given, 'name') ?? '';
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const path = `${root}${namespaced ? `/namespaces/${textAt(given, 'namespace')}` : ''}/${plural}`;
  const created: Json = await server
    .send('POST', path, {
      apiVersion: group === '' ? version : `${group}/${version}`,
      kind,
      ...rest,
      metadata: Object.fromEntries(Object.entries(given).filter(([key]) => !FILLED_IN.includes(key))),
      // The seeds say which pods a Job has; the server would make a selector of its own.
      ...(spec === undefined
        ? {}
        : { spec: kind === 'Job' && isObject(spec) ? { ...spec, manualSelector: true } : spec }),
    })
    .catch((error: unknown) => {
      // The server has made some namespaces itself.
      if (kind === 'Namespace' && String(error).includes('AlreadyExists')) return server.send('GET', `${path}/${name}`);
      throw error;
    });
  if (textAt(given, 'deletionTimestamp') !== undefined) await server.send('DELETE', `${path}/${name}`);
  const hasStatus = listAt(discovery, 'subresources').some((each) => textAt(each, 'subresource') === 'status');
  if (status === undefined || !hasStatus || kind === 'CustomResourceDefinition' || !isObject(created)) return;
  const now = await server.send('GET', `${path}/${name}`);
  if (isObject(now)) await server.send('PUT', `${path}/${name}/status`, { ...now, status });
}

function shifted(body: JsonObject, shiftMs: number): JsonObject {
  const text = JSON.stringify(body).replace(MOMENT, (_, seconds: string, fraction = '') => {
    const moved = new Date(Date.parse(`${seconds}Z`) + shiftMs).toISOString().slice(0, -'.000Z'.length);
    return `"${moved}${fraction}Z"`;
  });
  return JSON.parse(text);
}

function isEstablished(definition: Json): boolean {
  return listAt(definition, 'status', 'conditions').some(
    (each) => textAt(each, 'type') === 'Established' && textAt(each, 'status') === 'True',
  );
}
