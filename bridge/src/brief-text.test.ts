import { describe, expect, it } from 'vitest';
import { briefText, countOf, listNames } from './brief-text.ts';

describe('brief text', () => {
  it('redacts before it cuts, so that no half of a secret is left', () => {
    const shown = briefText(`login failed: password=${'hunter2'.repeat(20)}`, 40);
    expect(shown).toMatch(/^login failed: password=\[redacted:/);
    expect(shown).not.toContain('hunter');
    expect(shown.length).toBeLessThanOrEqual(40);
  });

  it('leaves text that fits as it is, cleaned', () => {
    expect(briefText('a\u001b[31m b\n c', 10)).toBe('a b c');
    expect(briefText('1234567890', 10)).toBe('1234567890');
    expect(briefText('12345678 0x', 10)).toBe('12345678…');
  });

  it('lists the first names and counts the others', () => {
    expect(listNames(['a', 'b', 'c'], 3)).toBe('a, b, c');
    expect(listNames(['a', 'b', 'c'], 1)).toBe('a and 2 more');
    expect(listNames([], 3)).toBe('');
  });

  it('counts in the singular and the plural', () => {
    expect([0, 1, 2].map((count) => countOf(count, 'node'))).toEqual(['0 nodes', '1 node', '2 nodes']);
  });
});
