import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Json, JsonObject } from '../json.ts';
import { yamlText } from './yaml-text.ts';

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.string({
    unit: fc.constantFrom('a', ' ', '\n', '-', ':', '#', '[', '{', ',', '"', "'", '\\', '\t', '0', '.', '|'),
  }),
  fc.constantFrom(
    'true',
    'null',
    '1e3',
    '0x1F',
    '12:30:45',
    '2026-11-22',
    '~',
    '---',
    '...',
    '- a',
    'a: b',
    'a #b',
    '<<',
    '=',
    'y',
  ),
  fc.constantFrom(
    'a\nb',
    'a\n\nb\n',
    '\na',
    ' a\nb',
    'a\n',
    'a\n\n',
    'a\n b\n  c',
    'a \n b',
    'x'.repeat(300),
    '1_000',
    '+.inf',
    '007',
  ),
);
const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('tree'), { maxLength: 6 }),
    fc.dictionary(text, tie('tree'), { maxKeys: 6 }),
  ),
}));

describe('yamlText', () => {
  it('is read as what it was written from', () => {
    fc.assert(
      fc.property(fc.dictionary(text, tree, { maxKeys: 6, noNullPrototype: true }), (object: JsonObject) => {
        expect(JSON.stringify(parse(yamlText(object), { uniqueKeys: false }))).toBe(JSON.stringify(object));
      }),
      { numRuns: 500 },
    );
  });

  it('puts on one line what fits on one, and lines of text below each other', () => {
    const object = {
      metadata: { name: 'a', labels: { app: 'db', tier: '1' } },
      status: {
        conditions: [
          { type: 'Ready', status: 'True', message: 'm'.repeat(200) },
          { type: 'Up', ok: true },
        ],
      },
      data: { 'app.conf': 'a = 1\n\n  b = 2\n', empty: '', none: {}, list: [] },
    };
    expect(yamlText(object)).toBe(`metadata:
  name: a
  labels: {app: db, tier: "1"}
status:
  conditions:
  - type: Ready
    status: "True"
    message: ${'m'.repeat(200)}
  - {type: Up, ok: true}
data:
  app.conf: |
    a = 1

      b = 2
  empty: ""
  none: {}
  list: []`);
  });
});
