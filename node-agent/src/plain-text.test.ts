import fc from 'fast-check';
import { expect, it } from 'vitest';
import { plainText } from './plain-text.ts';

it.each([
  ['  eth0\n', 'eth0'],
  ['a\nb\tc', 'a b c'],
  ['\u001b[31mred\u001b[0m', '[31mred[0m'],
  ['user\u202egnp.exe', 'usergnp.exe'],
  ['zero\u200bwidth', 'zerowidth'],
  ['Größe 5 µs 中', 'Größe 5 µs 中'],
])('%j shows as %j', (text, shown) => {
  expect(plainText(text)).toBe(shown);
});

it('is one short line of visible characters for any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
      const shown = plainText(text);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      expect(shown.length).toBeLessThanOrEqual(512);
    }),
  );
});
