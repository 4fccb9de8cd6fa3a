import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText } from './clean-text.ts';

describe('cleanText', () => {
  it.each([
    ['plain text stays', 'plain text stays'],
    ['\u001b[1;31mred\u001b[0m', 'red'],
    ['\u001b]8;;http://x\u0007link\u001b]8;;\u0007', 'link'],
    ['a\r\n\tb  c', 'a b c'],
    ['zero\u200bwidth\ufeff', 'zerowidth'],
    ['right\u202eto\u2066left', 'righttoleft'],
    ['tag\u{e0041}s', 'tags'],
    ['null\u0000byte', 'nullbyte'],
    ['Grüße 東京 ·', 'Grüße 東京 ·'],
    ['\ud800lone', 'lone'],
  ])('%j becomes %j', (given, clean) => {
    expect(cleanText(given)).toBe(clean);
  });

  // Quadratic time over a million characters would take minutes, far over the test's own timeout.
  it.each(['\u001b]8;;', '\u001b[', '\n', ' \t', '\u001b[0;'])('gets through a million characters of %j', (piece) => {
    expect(cleanText(`a${piece.repeat(1_000_000 / piece.length)}`)).toMatch(/^a/);
  });

  it('leaves nothing invisible behind and changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const clean = cleanText(text);
        expect(clean).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
        expect(cleanText(clean)).toBe(clean);
      }),
    );
  });
});
