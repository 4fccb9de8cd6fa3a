import type { ResourceType } from '../upstreams/kubernetes.ts';
import { isObject, type Json, type JsonObject } from './json.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * An object as anything but the client may see it: without the bookkeeping of managedFields, without the copy of itself that
 * `kubectl apply` leaves in an annotation (which holds a Secret's values too), and of a Secret only how large its values are.
 */
export function scrub(object: JsonObject, type: ResourceType): JsonObject {
  const clean = { ...object, metadata: scrubMetadata(object.metadata) };
  return isSecret(object, type) ? { ...clean, ...sizesOf(object), metadata: hideAnnotations(clean.metadata) } : clean;
}

/** Tools that copy Secrets about keep what they copied in annotations. */
function hideAnnotations(metadata: Json | undefined): Json | undefined {
  if (!isObject(metadata) || !isObject(metadata.annotations)) return metadata;
  return { ...metadata, annotations: mapValues(metadata.annotations, (text) => Buffer.byteLength(text)) };
}

/** By the type that was asked for and by what the object says it is: either is enough. */
function isSecret(object: JsonObject, type: ResourceType): boolean {
  return (type.group === '' && type.plural === 'secrets') || (object.kind === 'Secret' && object.apiVersion === 'v1');
}

function scrubMetadata(metadata: Json | undefined): Json | undefined {
  if (!isObject(metadata)) return metadata;
  const { managedFields: _, annotations, ...rest } = metadata;
  if (!isObject(annotations)) return rest;
  const { [LAST_APPLIED]: __, ...others } = annotations;
  return Object.keys(others).length === 0 ? rest : { ...rest, annotations: others };
}

function sizesOf({ data, stringData }: JsonObject): JsonObject {
  return {
    ...(isObject(data) ? { data: mapValues(data, (text) => Buffer.byteLength(text, 'base64')) } : {}),
    ...(isObject(stringData) ? { stringData: mapValues(stringData, (text) => Buffer.byteLength(text)) } : {}),
  };
}

function mapValues(values: JsonObject, sizeOf: (text: string) => number): JsonObject {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, `<${typeof value === 'string' ? sizeOf(value) : 0} bytes>`]),
  );
}
