import fc from 'fast-check';
import { expect, it } from 'vitest';
import { plainText } from './plain-text.ts';

it.each([
  ['  eth0\n', 'eth0'],
  ['a\nb\tc\r\nd', 'a b c d'],
  ['\u001b[31mred\u001b[0m', 'red'],
  ['user\u202egnp.exe', 'usergnp.exe'],
  ['zero\u200bwidth\u0000', 'zerowidth'],
  ['Größe 5 µs 中', 'Größe 5 µs 中'],
])('%j shows as %j', (text, shown) => {
  expect(plainText(text)).toBe(shown);
});

it('says that it cut, and cuts no character in two', () => {
  expect(plainText('abcdef', 6)).toBe('abcdef');
  expect(plainText('abcdefg', 6)).toBe('abcde…');
  expect(plainText('abcd😀efg', 6)).toBe('abcd…');
  expect(plainText('x'.repeat(513))).toBe(`${'x'.repeat(511)}…`);
});

it('is one short, well-formed line of visible characters for any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 2, max: 80 }), (text, maxLength) => {
      const shown = plainText(text, maxLength);
      expect(shown.length).toBeLessThanOrEqual(maxLength);
      expect(shown.isWellFormed()).toBe(true);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
    }),
    { numRuns: 500 },
  );
});
