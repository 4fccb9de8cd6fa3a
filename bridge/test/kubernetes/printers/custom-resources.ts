import { type Json, type JsonObject, numberAt, textAt } from '../../../src/kubernetes/json.ts';
import { printAge } from './ages.ts';
import { ageOf, type Cell, type Column, columns, nameOf, type Printer } from './cells.ts';
import { plainPrinter } from './configuration.ts';

/** Custom resources by the `additionalPrinterColumns` of their definition: JSONPaths without wildcards. */
export function customPrinter(definitions: readonly Json[]): Printer {
  if (definitions.length === 0) return plainPrinter;
  const own = definitions.map((each): Column & { path: string } => ({
    name: textAt(each, 'name') ?? '',
    type: textAt(each, 'type') ?? 'string',
    format: textAt(each, 'format') ?? '',
    description: textAt(each, 'description') ?? '',
    priority: numberAt(each, 'priority') ?? 0,
    path: textAt(each, 'jsonPath') ?? '',
  }));
  return {
    columns: [...columns(['Name']), ...own.map(({ path: _, ...column }) => column)],
    cells: (object, nowMs) => [
      nameOf(object),
      ...own.map(({ path, type }): Cell => {
        if (path === '.metadata.creationTimestamp') return ageOf(object, nowMs);
        const found = valueAt(object, path);
        if (type === 'date') return typeof found === 'string' ? printAge(found, nowMs) : null;
        if (found === undefined || found === null) return null;
        return typeof found === 'object' ? JSON.stringify(found) : found;
      }),
    ],
  };
}

/** What stands at a path of keys, indices and `[?(@.key=="value")]`; undefined where it leads nowhere. */
function valueAt(object: JsonObject, path: string): Json | undefined {
  let found: Json | undefined = object;
  for (const step of path.matchAll(/\.([\w-]+)|\[(\d+)\]|\[\?\(@\.(\w+)\s*==\s*["'](.*?)["']\)\]/g)) {
    const [, key, index, filterKey, filterValue] = step;
    if (key !== undefined) found = isMap(found) ? found[key] : undefined;
    else if (!isList(found)) return undefined;
    else if (index !== undefined) found = found[Number(index)];
    else found = found.find((each) => textAt(each, filterKey ?? '') === filterValue);
  }
  return found;
}

function isMap(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
