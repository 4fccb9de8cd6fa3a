import { FAMILY_NAMES } from '@telemcp/shared/family-names';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { createOpenApiDocument, openApiPath } from './openapi.ts';
import { PATHS } from './routes.ts';

const text = JSON.stringify(createOpenApiDocument('1.2.3'));
const document = z
  .object({
    openapi: z.literal('3.1.1'),
    info: z.object({ version: z.literal('1.2.3') }),
    paths: z.record(
      z.string(),
      z.strictObject({ get: z.object({ parameters: z.array(z.looseObject({ name: z.string() })).optional() }) }),
    ),
    components: z.object({ schemas: z.record(z.string(), z.looseObject({ type: z.string() })) }),
  })
  .parse(JSON.parse(text));

test('every path is described, and none that does not exist', () => {
  expect(Object.keys(document.paths).sort()).toEqual(Object.values(PATHS).map(openApiPath).sort());
});

test('every reference leads to a schema, and every schema is led to', () => {
  const used = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, id]) => id));
  expect([...used].sort()).toEqual(Object.keys(document.components.schemas).sort());
  expect(text.match(/"\$ref":"(?!#\/components\/schemas\/)[^"]*"/g)).toBe(null);
  expect(text).not.toContain('"$schema"');
});

test('path parameters are those of the path, and a family can be only one there is', () => {
  for (const [path, { get }] of Object.entries(document.paths)) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const described = (get.parameters ?? []).filter((parameter) => parameter.in === 'path');
    expect(described.map(({ name, required }) => [name, required])).toEqual(inPath.map((name) => [name, true]));
  }
  const [family] = document.paths['/v1/facts/{family}']?.get.parameters ?? [];
  expect(family?.schema).toMatchObject({ enum: FAMILY_NAMES });
  const query = document.paths['/v1/systemd/units']?.get.parameters?.map(({ name }) => name);
  expect(query).toEqual(['state', 'type', 'pattern', 'limit']);
});
