import { isList, isObject, type Json, type JsonObject } from '../json.ts';
import { redactObject } from './redact-object.ts';

/**
 * The texts and numbers of an object that are credentials by where they stand, with what is shown for each. A server prints
 * them into the cells of a table, where nothing around them tells: the columns are whatever a CustomResourceDefinition says.
 */
export function hiddenTexts(object: JsonObject): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  compare(object, redactObject(object), found);
  return found;
}

/** A printed cell without those texts, also where the server printed a list or an object with one in it. */
export function withoutHidden<T extends string | number | boolean | null>(
  cell: T,
  hidden: ReadonlyMap<string, string>,
): T | string {
  if (hidden.size === 0 || cell === null || typeof cell === 'boolean') return cell;
  const text = String(cell);
  const whole = hidden.get(text);
  if (whole !== undefined) return whole;
  let shown = text;
  for (const [secret, marker] of hidden) if (secret.length >= SHORTEST) shown = shown.replaceAll(secret, marker);
  return shown === text ? cell : shown;
}

/** Shorter ones would be found in the middle of other words. */
const SHORTEST = 4;

function compare(before: Json | undefined, after: Json | undefined, found: Map<string, string>): void {
  if (isList(before))
    for (const [index, item] of before.entries()) compare(item, isList(after) ? after[index] : after, found);
  else if (isObject(before))
    for (const [key, value] of Object.entries(before)) compare(value, isObject(after) ? after[key] : after, found);
  else if ((typeof before === 'string' || typeof before === 'number') && before !== after && typeof after === 'string')
    found.set(String(before), after);
}
