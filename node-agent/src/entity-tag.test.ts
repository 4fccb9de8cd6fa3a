import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entityTagOf, isAlreadyKnown } from './entity-tag.ts';

const TAG = entityTagOf('{"a":1}');

test('the same bytes have the same tag, others another one, in the syntax of RFC 9110', () => {
  expect(entityTagOf('{"a":1}')).toBe(TAG);
  expect(entityTagOf('{"a":2}')).not.toBe(TAG);
  expect(TAG).toMatch(/^"[\w-]{43}"$/);
});

test.each([
  ['the tag', TAG, true],
  ['the tag as a weak one', `W/${TAG}`, true],
  ['anything', '*', true],
  ['anything, with spaces', ' * ', true],
  ['a list', `"x", W/"y" ,\t${TAG}`, true],
  ['a list with empty elements', `,, "x",,${TAG},`, true],
  ['a tag with a comma in it', `"a,b", ${TAG}`, true],
  ['another one', '"x"', false],
  ['the tag inside another one', `"a,${TAG.slice(1)}`, false],
  ['no header', undefined, false],
  ['an empty header', '', false],
  ['no quotes', TAG.slice(1, -1), false],
  ['a weak mark in small letters', `w/${TAG}`, false],
  ['a list that is not one', `${TAG} ${TAG}`, false],
  ['a star in a list', `*, ${TAG}`, false],
  ['a quote left open', `${TAG}, "x`, false],
])('%s: %j', (_, header, known) => {
  expect(isAlreadyKnown(header, TAG)).toBe(known);
});

test('whatever a client sends, it is told 304 only when it named the tag', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('"', ',', ' ', 'W', '/', 'x', '*', '\\') }), (header) => {
      expect(isAlreadyKnown(header, TAG)).toBe(header.trim() === '*');
    }),
  );
  const startedAt = performance.now();
  expect(isAlreadyKnown(`${' '.repeat(16_000)}x`, TAG)).toBe(false);
  expect(isAlreadyKnown(`${'"x",'.repeat(4000)}x`, TAG)).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(200);
});
