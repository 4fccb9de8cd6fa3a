import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printableText } from './printable-text.ts';

test('takes out terminal sequences, control, zero-width and bidirectional characters, and keeps letters of any script', () => {
  expect(printableText('a\u001b[31mred\u001b[0m\r\nb\u200b\u202ec\u0000', 100)).toBe('aredbc');
  expect(printableText('Zürich 東京 café', 100)).toBe('Zürich 東京 café');
});

test('says that it cut, and cuts no character in two', () => {
  expect(printableText('abcdef', 6)).toBe('abcdef');
  expect(printableText('abcdefg', 6)).toBe('abcde…');
  expect(printableText('abcd😀efg', 6)).toBe('abcd…');
});

test('any text comes out short, well-formed and free of control characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 2, max: 80 }), (text, max) => {
      const shown = printableText(text, max);
      expect(shown.length).toBeLessThanOrEqual(max);
      expect(shown.isWellFormed()).toBe(true);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }),
    { numRuns: 500 },
  );
});
