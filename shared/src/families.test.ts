import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { FAMILIES, FactsAnswer, familyAnswerOf, PackageListAnswer, UnitAnswer, UnitListAnswer } from './families.ts';
import { FAMILY_NAMES } from './family-names.ts';
import { HostSummary } from './summary.ts';

const FIXTURES = new URL('../fixtures/', import.meta.url);

/** What each golden payload is an example of: a file for every family, the answers about units and packages, and the summary. */
const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  ...Object.fromEntries(FAMILY_NAMES.map((family) => [family, familyAnswerOf(family)])),
  units: UnitListAnswer,
  unit: UnitAnswer,
  'package-list': PackageListAnswer,
  summary: HostSummary,
};

/** Fields that no example has a value for: Debian has no variant and no image, and a synchronized clock needs no excuse. */
const WITHOUT_VALUE = [
  ...['idLike', 'variantId', 'buildId', 'imageId', 'imageVersion', 'supportEnd'].map(
    (name) => `os distribution.${name}`,
  ),
  'time note',
  // An array lost a disk, but none that is still there has failed.
  'summary disks.failing.names',
  // Updates were counted.
  'packages pendingReason',
  // For a family that is `partial` there is no single thing to do.
  'envelope hint',
];

describe('golden payloads', () => {
  it('has one for every family and route, and none besides', () => {
    expect(readdirSync(FIXTURES).sort()).toEqual(
      Object.keys(SCHEMAS)
        .map((name) => `${name}.json`)
        .sort(),
    );
  });

  it.each(Object.entries(SCHEMAS))('%s: is what the schema says, to the field', (name, schema) => {
    const payload = read(name);
    // The schemas drop what they do not know: a field that only the payload has is lost on the way.
    expect(schema.parse(payload)).toStrictEqual(payload);
  });

  it('together hold a value for every field of every schema', () => {
    const filled = new Map<string, boolean>();
    for (const [name, schema] of Object.entries(SCHEMAS)) {
      const payload = read(name);
      for (const path of fieldsOf(JsonSchema.parse(z.toJSONSchema(schema, { io: 'output' })))) {
        const field = shared(name, path);
        filled.set(field, filled.get(field) === true || valuesAt(payload, path.split('.')).length > 0);
      }
    }
    const empty = [...filled].filter(([, hasValue]) => !hasValue).map(([field]) => field);
    expect(empty.sort()).toEqual([...WITHOUT_VALUE].sort());
  });

  it.each(Object.keys(SCHEMAS))('%s: gives a reason exactly when something is amiss', (name) => {
    const State = z.object({ status: z.string(), reason: z.string().nullable() });
    const states =
      name === 'summary' ? Object.values(HostSummary.parse(read(name)).families) : [State.parse(read(name))];
    expect(states.filter(({ status, reason }) => (reason === null) !== (status === 'ok'))).toEqual([]);
    expect(states.length).toBeGreaterThan(0);
  });
});

interface JsonSchema {
  properties?: Record<string, JsonSchema> | undefined;
  items?: JsonSchema | undefined;
  anyOf?: JsonSchema[] | undefined;
}

const JsonSchema: z.ZodType<JsonSchema> = z.lazy(() =>
  z.object({
    properties: z.record(z.string(), JsonSchema).optional(),
    items: JsonSchema.optional(),
    anyOf: z.array(JsonSchema).optional(),
  }),
);

/** The field's name across the payloads: units are alike in all their lists, and so are the envelopes. */
function shared(name: string, path: string): string {
  if (name === 'summary') return `summary ${path}`;
  if (!path.startsWith('data.')) return `envelope ${path}`;
  if (name === 'unit') return path.replace(/^data\./, 'unit ');
  return path.replace(/^data\.(failed|watched|timers|sockets|units)\./, 'unit ').replace(/^data\./, `${name} `);
}

/** The paths of all fields that hold no further fields, `data.units.name`: a list is passed through to its items. */
function fieldsOf(schema: JsonSchema, path = ''): string[] {
  const inner = [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
      fieldsOf(field, path === '' ? name : `${path}.${name}`),
    ),
    ...(schema.items === undefined ? [] : fieldsOf(schema.items, path)),
    ...(schema.anyOf ?? []).flatMap((option) => fieldsOf(option, path)),
  ];
  const nested = [...new Set(inner)].filter((found) => found !== path);
  return nested.length > 0 ? nested : [path];
}

function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, path));
  if (value === null || value === undefined) return [];
  const [name, ...rest] = path;
  if (name === undefined) return [value];
  return valuesAt(z.record(z.string(), z.unknown()).safeParse(value).data?.[name], rest);
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FIXTURES), 'utf8'));
}

it('has the same families in the same order wherever they are listed', () => {
  expect(Object.keys(FAMILIES)).toEqual(FAMILY_NAMES);
  expect(Object.keys(FactsAnswer.shape.families.shape)).toEqual(FAMILY_NAMES);
});
