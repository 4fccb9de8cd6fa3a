import { at, isList, isObject, type Json, type JsonObject, listAt, textAt } from '../json.ts';
import { isDefault, mayBeEmpty } from './object-defaults.ts';

/** An object without what nobody reads, and in words what that was, in a steady order. */
export interface Trimmed {
  object: JsonObject;
  leftOut: string[];
}

/** What may be left out, in the order in which it is said. */
const REASONS = [
  ['bookkeeping', 'uid and the like'],
  ['defaults', 'defaults'],
  ['empty', 'empty fields'],
  ['token', 'kube-api-access'],
  ['ids', 'ids'],
  ['checksums', 'checksums'],
  ['copies', 'repetitions'],
  ['healthy', 'details of healthy conditions'],
  ['bundles', 'certificate bundles'],
  ['schemas', 'schemas'],
  ['images', 'images of the node'],
] as const;
type Reason = (typeof REASONS)[number][0];

/**
 * An object as one reads it: what the server keeps for itself, defaults that it fills in (only for kinds of Kubernetes itself,
 * for elsewhere the same word may mean something), and copies of what is said elsewhere are left out. Statuses stay.
 */
export function trimObject(object: JsonObject): Trimmed {
  const group = (textAt(object, 'apiVersion') ?? 'v1').replace(/\/?[^/]*$/, '');
  const isBuiltIn = !group.includes('.') || group.endsWith('.k8s.io');
  const reasons = new Set<Reason>();
  const observed = at(object, 'status', 'observedGeneration');
  const generation = at(object, 'metadata', 'generation');
  const isUpToDate = observed === undefined || generation === undefined || observed === generation;

  function trim(value: JsonObject, path: string): JsonObject {
    const kept: Record<string, Json> = {};
    for (const [key, member] of Object.entries(value)) {
      if (member === undefined) continue;
      const reason = reasonFor(key, member, value, path);
      if (reason !== null) reasons.add(reason);
      else if (isObject(member)) keepObject(kept, key, trim(member, `${path}.${key}`), member);
      else if (isList(member)) keepList(kept, key, member, `${path}.${key}`);
      else kept[key] = member;
    }
    return kept;
  }
  function keepObject(kept: Record<string, Json>, key: string, trimmed: JsonObject, before: JsonObject): void {
    // What had something in it, all of it left out: `{}` would say that nothing was there.
    if (Object.keys(trimmed).length > 0 || Object.keys(before).length === 0) kept[key] = trimmed;
  }
  function keepList(kept: Record<string, Json>, key: string, list: readonly Json[], path: string): void {
    const items = list.flatMap((item): Json[] => {
      if (!isObject(item)) return [item];
      const repeats = path === '.status.conditions' && isSaidByReady(item) ? 'copies' : null;
      const reason = isBuiltIn ? (reasonForItem(key, item) ?? repeats) : null;
      if (reason !== null) reasons.add(reason);
      return reason === null ? [trim(item, `${path}[]`)] : [];
    });
    if (items.length > 0 || list.length === 0) kept[key] = items;
  }
  function reasonFor(key: string, value: Json, parent: JsonObject, path: string): Reason | null {
    if (path.endsWith('.metadata')) return reasonForMetadata(key, value, path, isUpToDate);
    if (path.endsWith('.annotations') && key.startsWith('checksum/')) return 'checksums';
    if (OF_OTHERS.test(path)) return OF_CONTROLLERS.has(key) && isBuiltIn ? 'bookkeeping' : null;
    if (path.endsWith('metadata.ownerReferences[]')) return key === 'kind' || key === 'name' ? null : 'bookkeeping';
    if (key === 'observedGeneration') return path === '.status' && !isUpToDate ? null : 'bookkeeping';
    if (value === null) return 'empty';
    if (key === 'openAPIV3Schema') return 'schemas';
    if (key === 'caBundle') return 'bundles';
    if (!isBuiltIn) return null;
    if (mayBeEmpty(key) && isEmpty(value)) return 'empty';
    if (isDefault(key, value, path)) return 'defaults';
    return path.startsWith('.status')
      ? reasonInStatus(key, value, parent, path)
      : isCopy(key, value, parent)
        ? 'copies'
        : null;
  }
  /** A pod says of its containers together what it then says of itself. */
  function isSaidByReady(item: JsonObject): boolean {
    const ready = listAt(object, 'status', 'conditions').find((each) => at(each, 'type') === 'Ready');
    return (
      item.type === 'ContainersReady' && ['status', 'reason', 'message'].every((key) => at(ready, key) === item[key])
    );
  }
  function reasonInStatus(key: string, value: Json, parent: JsonObject, path: string): Reason | null {
    if (IDS.has(key)) return 'ids';
    if (value === '') return 'empty';
    if (path === '.status.conditions[]' && isDetailOfHealthy(key, parent)) return 'healthy';
    if (key === 'startTime' && value === at(object, 'metadata', 'creationTimestamp')) return 'copies';
    if (key === 'images' && isList(value)) return 'images';
    if (isCopy(key, value, parent)) return 'copies';
    if (!/[cC]ontainerStatuses\[\]$/.test(path)) return null;
    const spec = ['containers', 'initContainers', 'ephemeralContainers']
      .flatMap((list) => listAt(object, 'spec', list))
      .find((container) => at(container, 'name') === parent.name);
    const isSame = JSON.stringify(at(spec, key)) === JSON.stringify(value);
    if (key === 'image' || key === 'resources') return isSame ? 'copies' : null;
    return key === 'volumeMounts' || key === 'user' || key === 'allocatedResources' ? 'copies' : null;
  }

  const trimmed = trim(object, '');
  return { object: trimmed, leftOut: REASONS.flatMap(([reason, words]) => (reasons.has(reason) ? [words] : [])) };
}

function reasonForMetadata(key: string, value: Json, path: string, isUpToDate: boolean): Reason | null {
  if (isEmpty(value)) return 'empty';
  if (key === 'generation') return path === '.metadata' && !isUpToDate ? null : 'bookkeeping';
  return BOOKKEEPING.has(key) ? 'bookkeeping' : null;
}

const BOOKKEEPING: ReadonlySet<string> = new Set([
  'uid',
  'resourceVersion',
  'selfLink',
  'managedFields',
  'generateName',
]);
/** Where the keys are not Kubernetes's but whoever's wrote the object. */
const OF_OTHERS =
  /^\.(?:data|binaryData|stringData)\b|\.(?:labels|annotations|matchLabels|selector|nodeSelector|limits|requests|parameters)$/;

/** Labels and annotations that controllers put on what they make, for themselves. */
const OF_CONTROLLERS: ReadonlySet<string> = new Set([
  'pod-template-hash',
  'pod-template-generation',
  'controller-revision-hash',
  'controller-uid',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'node.alpha.kubernetes.io/ttl',
  'volumes.kubernetes.io/controller-managed-attach-detach',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'batch.kubernetes.io/controller-uid',
  'kubectl.kubernetes.io/last-applied-configuration',
]);

function isEmpty(value: Json): boolean {
  if (value === null) return true;
  return isList(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

function isCopy(key: string, value: Json, parent: JsonObject): boolean {
  switch (key) {
    case 'serviceAccount':
      return value === parent.serviceAccountName;
    case 'podIPs':
      return isOnly(value, { ip: parent.podIP });
    case 'hostIPs':
      return isOnly(value, { ip: parent.hostIP });
    case 'clusterIPs':
      return isOnly(value, parent.clusterIP);
    case 'currentRevision':
      return value === parent.updateRevision;
    case 'podCIDRs':
      return isOnly(value, parent.podCIDR);
    default:
      return false;
  }
}

function isOnly(list: Json, item: Json | undefined): boolean {
  return JSON.stringify(list) === JSON.stringify([item]);
}

/** Since when a condition is as it should be, but for Ready, and the kubelet's words for that. */
function isDetailOfHealthy(key: string, { type, status }: JsonObject): boolean {
  const isTrouble = typeof type === 'string' && TROUBLE.test(type);
  if (type === 'Ready' || status !== (isTrouble ? 'False' : 'True')) return false;
  return /Time$/.test(key) || (isTrouble && (key === 'reason' || key === 'message'));
}

/** Conditions of which True is the bad news. */
const TROUBLE = /(?:Pressure|Unavailable|Failure|Failed|Resize(?:Pending|InProgress)|DisruptionTarget|Limited)$/;

const IDS: ReadonlySet<string> = new Set(['imageID', 'containerID', 'machineID', 'systemUUID', 'bootID']);

function reasonForItem(list: string, item: JsonObject): Reason | null {
  const name = textAt(item, 'name') ?? '';
  if (list === 'volumes' && name.startsWith('kube-api-access-') && isObject(item.projected)) return 'token';
  if (list === 'volumeMounts' && textAt(item, 'mountPath') === '/var/run/secrets/kubernetes.io/serviceaccount')
    return 'token';
  const isOfAdmission =
    list === 'tolerations' &&
    item.tolerationSeconds === 300 &&
    item.operator === 'Exists' &&
    /^node\.kubernetes\.io\/(?:not-ready|unreachable)$/.test(textAt(item, 'key') ?? '');
  return isOfAdmission ? 'defaults' : null;
}
