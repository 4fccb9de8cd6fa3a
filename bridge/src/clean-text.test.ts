import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText, visibleText } from './clean-text.ts';

describe('cleanText', () => {
  it.each([
    ['plain text stays', 'plain text stays'],
    ['\u001b[1;31mred\u001b[0m', 'red'],
    ['\u001b]8;;http://x\u0007link\u001b]8;;\u0007', 'link'],
    ['a\r\n\tb  c', 'a b c'],
    ['zero\u200bwidth\ufeff', 'zerowidth'],
    ['passw\ufefford', 'password'],
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

describe('visibleText', () => {
  it.each([
    ['two\r\n\tlines  apart\n', 'two\r\n\tlines  apart\n'],
    ['a\u001b[1mb\u001b[0m\nc\u200bd\u0000', 'ab\ncd'],
    ['Grüße\n東京', 'Grüße\n東京'],
  ])('of %j is %j', (given, visible) => {
    expect(visibleText(given)).toBe(visible);
  });

  it('has the words of the clean text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(cleanText(visibleText(text))).toBe(cleanText(text));
      }),
    );
  });
});
