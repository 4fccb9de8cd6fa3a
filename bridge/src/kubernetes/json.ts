/** A JSON document, as an API server sends it. Objects of unknown kinds are read through the functions below, never trusted. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** A key of an object, or an index of a list. */
type Step = string | number;

/** Whether a value is an object with keys; null and lists are not. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands at a path, undefined where the path leads nowhere. */
export function at(value: Json | undefined, ...path: readonly Step[]): Json | undefined {
  let found = value;
  for (const step of path) {
    if (typeof step === 'number') found = isList(found) ? found[step] : undefined;
    else found = isObject(found) && Object.hasOwn(found, step) ? found[step] : undefined;
  }
  return found;
}

/** The text at a path, undefined where something else or nothing is there. */
export function textAt(value: Json | undefined, ...path: readonly Step[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** The number at a path, undefined where something else or nothing is there. */
export function numberAt(value: Json | undefined, ...path: readonly Step[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

/** Whether `true` stands at a path. */
export function isTrueAt(value: Json | undefined, ...path: readonly Step[]): boolean {
  return at(value, ...path) === true;
}

/** The list at a path, empty where something else or nothing is there. */
export function listAt(value: Json | undefined, ...path: readonly Step[]): readonly Json[] {
  const found = at(value, ...path);
  return isList(found) ? found : [];
}

/** The entries of the object at a path, none where something else or nothing is there. */
export function entriesAt(value: Json | undefined, ...path: readonly Step[]): readonly (readonly [string, Json])[] {
  const found = at(value, ...path);
  if (!isObject(found)) return [];
  return Object.entries(found).flatMap(([key, entry]) => (entry === undefined ? [] : [[key, entry] as const]));
}

/** Whether a value is a list. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** What a text says as JSON, undefined where it is not JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
