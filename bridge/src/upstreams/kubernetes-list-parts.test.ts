import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isObject, type Json, type JsonObject, listAt } from '../kubernetes/json.ts';
import { listParts } from './kubernetes-list-parts.ts';

/** So long that a list of some of it is read in parts. */
const FILLER = 'x'.repeat(9000);

const pod = (name: string, spec: Json = {}): JsonObject => ({ metadata: { name, filler: FILLER }, spec });
const list = (items: readonly Json[], more: JsonObject = {}): JsonObject => ({
  kind: 'PodList',
  apiVersion: 'v1',
  metadata: { resourceVersion: '7', continue: 'more' },
  items,
  ...more,
});
const pods = (count: number, spec?: Json) => Array.from({ length: count }, (_, index) => pod(`pod-${index}`, spec));
const partsOf = (text: string): Json[] => [...listParts(Buffer.from(text))];

/** What parts say together: the frame that all of them have, and all their items. */
function together(parts: readonly Json[], key = 'items'): Json {
  const [first] = parts;
  if (!isObject(first)) return first ?? null;
  for (const part of parts) expect({ ...(isObject(part) ? part : {}), [key]: [] }).toEqual({ ...first, [key]: [] });
  return { ...first, [key]: parts.flatMap((part) => listAt(part, key)) };
}

describe('the parts of a list', () => {
  it('are several, of whole items in their order, each with the metadata of the list', () => {
    const document = list(pods(60));
    const parts = partsOf(JSON.stringify(document));
    expect(parts.length).toBeGreaterThan(5);
    expect(parts.every((part) => listAt(part, 'items').length < 15)).toBe(true);
    expect(together(parts)).toEqual(document);
  });

  it('are the rows of a table, with its columns in every part', () => {
    const rows = pods(40).map((object, index) => ({
      cells: [`"rows":[ ${index}`, 1],
      object: { ...object, items: [] },
    }));
    const table = { kind: 'Table', metadata: {}, columnDefinitions: [{ name: 'Name' }], rows };
    const parts = partsOf(`${JSON.stringify(table)}\n`);
    expect(parts.length).toBeGreaterThan(3);
    expect(together(parts, 'rows')).toEqual(table);
  });

  it.each<[string, Json]>([
    ['objects that begin as items do', { claims: pods(3), more: pods(2) }],
    ['texts that look like the seam between items', `},{"metadata":{"name":"}]}`],
    ['texts that end in backslashes and brackets', ['\\', '\\"},{"metadata":', ']', '"}]']],
    ['letters of several bytes', '🦭Ünïcode\u2028'.repeat(50)],
  ])('are right where items hold %s', (_, spec) => {
    const document = list(pods(30, spec));
    const parts = partsOf(JSON.stringify(document));
    expect(parts.length).toBeGreaterThan(1);
    expect(together(parts)).toEqual(document);
  });

  const json = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<Json>(null, true, 0, '},{"metadata":', '"items":[', '\\', ']}', '{'),
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('metadata', 'items', 'rows', 'kind', 'a'), tie('value'), { maxKeys: 3 }),
    ),
  })).value;
  const item = fc.tuple(json, fc.boolean(), fc.integer({ min: 0, max: 40_000 }));

  it('say together what the document says, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 12 }), fc.boolean(), (items, isSpaced) => {
        const document = list(
          items.map(([value, isObjectItem, size]) =>
            isObjectItem ? { metadata: value, spec: [value, 'y'.repeat(size), value] } : value,
          ),
        );
        expect(together(partsOf(JSON.stringify(document, null, isSpaced ? 2 : 0)))).toEqual(document);
      }),
      { numRuns: 150 },
    );
  });

  it.each<[string, string]>([
    ['another key with a list after the items', `${JSON.stringify(list(pods(30))).slice(0, -1)},"warnings":["w"]}`],
    ['metadata after the items', `{"kind":"PodList","items":${JSON.stringify(pods(30))},"metadata":{"continue":"c"}}`],
    ['items in its metadata', JSON.stringify({ kind: 'PodList', metadata: { items: pods(20) }, items: pods(20) })],
    ['spaces', JSON.stringify(list(pods(30)), null, 1)],
    ['items that are no objects', JSON.stringify(list(Array.from({ length: 30 }, () => FILLER)))],
    ['no items', JSON.stringify(list([], { note: FILLER.repeat(10) }))],
    ['no list at all', JSON.stringify({ kind: 'Status', details: { causes: pods(30) } })],
  ])('are the whole document where it has %s', (_, text) => {
    const parts = partsOf(text);
    const whole: JsonObject = JSON.parse(text);
    expect(parts.flatMap((part) => listAt(part, 'items'))).toEqual(whole.items ?? []);
    expect(parts.at(-1)).toMatchObject('items' in whole ? { ...whole, items: expect.any(Array) } : whole);
  });

  it.each([
    ['breaks off', (text: string) => text.slice(0, -2000)],
    ['breaks off between items', (text: string) => text.slice(0, text.lastIndexOf(',{"metadata"'))],
    ['goes on after its end', (text: string) => `${text}}`],
    ['has garbage in its midst', (text: string) => text.replace('"pod-25"', '"pod-25')],
    ['has brackets that do not match', (text: string) => text.replace('"spec":{}', '"spec":{]')],
  ])('end in an error where the document %s', (_, spoil) => {
    expect(() => partsOf(spoil(JSON.stringify(list(pods(30)))))).toThrow(SyntaxError);
  });
});
