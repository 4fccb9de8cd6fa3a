import { describe, expect, it } from 'vitest';
import { cutLine, lostMark } from './cut-line.ts';

describe('cutLine', () => {
  it('says how much is left out, with what was lost before', () => {
    expect(cutLine('short', 10)).toBe('short');
    expect(cutLine('x'.repeat(20), 10)).toBe(`${'x'.repeat(10)}… (10 more bytes)`);
    expect(cutLine(`${'x'.repeat(20)}${lostMark(5)}`, 10)).toBe(`${'x'.repeat(10)}… (15 more bytes)`);
    expect(cutLine(`${'x'.repeat(10)}${lostMark(5)}`, 10)).toBe(`${'x'.repeat(10)}… (5 more bytes)`);
  });

  it('does not halve a character', () => {
    expect(cutLine('aa🐈bb', 3)).toBe('aa… (4 more bytes)');
  });
});
