import { createHash } from 'node:crypto';
import { isObject, type JsonObject, textAt } from '../../src/kubernetes/json.ts';
import { ago } from './seed-time.ts';
import { BUILT_IN, customResources, METRICS, type ServedResource } from './served-resources.ts';

/** An object as it is kept: without kind and apiVersion, which its place says. */
export interface Stored {
  /** `namespace/name`, or the name: the order of lists. */
  key: string;
  namespace: string;
  name: string;
  /** Of the last change. */
  revision: number;
  body: JsonObject;
  /** `body` as text, once it was asked for. */
  bodyText?: string;
  /** Printed cells as text, and when. */
  cells?: { nowMs: number; text: string };
}

/** One change, for watches. */
export interface Change {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  storage: string;
  stored: Stored;
  revision: number;
}

/** The log of one container: text, or what makes chunks of it anew for each reader. Lines may begin with an RFC 3339 time. */
export type LogSource = string | (() => Iterable<string>);

export interface ContainerRef {
  namespace: string;
  pod: string;
  container: string;
}

/** Objects in memory, as an API server keeps them. */
export interface Cluster {
  /** Rises with every change. */
  readonly revision: number;
  /** Revisions before this one are forgotten for watches. */
  readonly compacted: number;
  /** All kinds, those of CustomResourceDefinitions and of metrics.k8s.io too. */
  readonly resources: readonly ServedResource[];
  /**
   * Creates or replaces objects by apiVersion, kind, namespace and name. A namespace that does not exist is made; what the
   * server fills in (uid, resourceVersion, creationTimestamp a day ago) is filled in. A CustomResourceDefinition declares its
   * kind from then on.
   */
  add(...objects: readonly JsonObject[]): Cluster;
  remove(kind: string, name: string, namespace?: string): void;
  /** In the order of lists. */
  all(resource: ServedResource): readonly Stored[];
  get(resource: ServedResource, namespace: string, name: string): Stored | undefined;
  setLog(of: ContainerRef, log: LogSource, options?: { previous?: boolean }): void;
  /** Undefined where no log was given. */
  log(of: ContainerRef, previous: boolean): LogSource | undefined;
  /** Changes after a revision. */
  changesSince(revision: number): readonly Change[];
  onChange(listener: (change: Change) => void): () => void;
  /** Forgets all changes so far, as etcd does after five minutes. */
  compact(): void;
}

/** A cluster with nothing but the namespaces that every cluster has. */
export function newCluster(): Cluster {
  const resources: ServedResource[] = [];
  const kinds = new Map<string, ServedResource>();
  const stores = new Map<string, Map<string, Stored>>();
  const sorted = new Map<string, readonly Stored[]>();
  const logs = new Map<string, LogSource>();
  const listeners = new Set<(change: Change) => void>();
  const changes: Change[] = [];
  let revision = 1;
  let compacted = 0;

  function serve(resource: ServedResource): void {
    const { group, version, kind, plural } = resource;
    const index = resources.findIndex(
      (each) => each.group === group && each.version === version && each.plural === plural,
    );
    if (index === -1) resources.push(resource);
    else resources[index] = resource;
    kinds.set(`${group === '' ? '' : `${group}/`}${version} ${kind}`, resource);
  }

  const storeOf = (storage: string): Map<string, Stored> => {
    const known = stores.get(storage);
    if (known !== undefined) return known;
    const made = new Map<string, Stored>();
    stores.set(storage, made);
    return made;
  };

  const record = (type: Change['type'], storage: string, stored: Stored): void => {
    const change = { type, storage, stored, revision };
    changes.push(change);
    for (const listener of listeners) listener(change);
  };

  function put(object: JsonObject): void {
    const { apiVersion, kind, metadata, ...rest } = object;
    const resource = kinds.get(`${apiVersion} ${kind}`);
    if (resource === undefined) throw new Error(`the tests' API server has no ${apiVersion} ${kind}`);
    const name = textAt(metadata, 'name') ?? '';
    const namespace = resource.namespaced ? (textAt(metadata, 'namespace') ?? 'default') : '';
    if (namespace !== '') ensureNamespace(namespace);
    const store = storeOf(resource.storage);
    const key = keyOf(namespace, name);
    revision += 1;
    const before = store.get(key);
    const given = isObject(metadata) ? metadata : {};
    const {
      uid = textAt(before?.body, 'metadata', 'uid') ?? uidOf(`${resource.storage} ${key}`),
      creationTimestamp = ago('1d'),
      resourceVersion: _,
      ...others
    } = given;
    const place = namespace === '' ? { name } : { name, namespace };
    // Spread twice: the keys of `place` come first, as the server sends them.
    const stamped = { ...place, uid, resourceVersion: String(revision), creationTimestamp, ...others, ...place };
    const stored: Stored = { key, namespace, name, revision, body: { metadata: stamped, ...rest } };
    store.set(key, stored);
    sorted.delete(resource.storage);
    if (kind === 'CustomResourceDefinition') for (const declared of customResources(object)) serve(declared);
    record(before === undefined ? 'ADDED' : 'MODIFIED', resource.storage, stored);
  }

  function ensureNamespace(name: string): void {
    if (storeOf('/namespaces').has(name)) return;
    put({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, creationTimestamp: ago('90d'), labels: { 'kubernetes.io/metadata.name': name } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
  }

  const cluster: Cluster = {
    get revision() {
      return revision;
    },
    get compacted() {
      return compacted;
    },
    resources,
    add: (...objects) => {
      for (const object of objects) put(object);
      return cluster;
    },
    remove: (kind, name, namespace = '') => {
      for (const { storage } of resources.filter((each) => each.kind === kind)) {
        const stored = storeOf(storage).get(keyOf(namespace, name));
        if (stored === undefined) continue;
        revision += 1;
        storeOf(storage).delete(stored.key);
        sorted.delete(storage);
        record('DELETED', storage, stored);
      }
    },
    all: ({ storage }) => {
      const known = sorted.get(storage);
      if (known !== undefined) return known;
      const made = [...storeOf(storage).values()].sort((a, b) => (a.key < b.key ? -1 : 1));
      sorted.set(storage, made);
      return made;
    },
    get: ({ storage }, namespace, name) => storeOf(storage).get(keyOf(namespace, name)),
    setLog: (of, log, { previous = false } = {}) => void logs.set(logKey(of, previous), log),
    log: (of, previous) => logs.get(logKey(of, previous)),
    changesSince: (since) => changes.filter((change) => change.revision > since),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    compact: () => {
      compacted = revision;
      changes.length = 0;
    },
  };
  for (const resource of [...BUILT_IN, ...METRICS]) serve(resource);
  for (const name of ['default', 'kube-node-lease', 'kube-public', 'kube-system']) ensureNamespace(name);
  return cluster;
}

function keyOf(namespace: string, name: string): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

function logKey({ namespace, pod, container }: ContainerRef, previous: boolean): string {
  return `${namespace}/${pod}/${container}${previous ? ' previous' : ''}`;
}

/** The same object has the same uid in every run. */
function uidOf(text: string): string {
  const hex = createHash('sha1').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
