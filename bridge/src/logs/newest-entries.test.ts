import { describe, expect, it } from 'vitest';
import { createNewestEntries } from './newest-entries.ts';

function newestOf(texts: Iterable<string>, most: number, characters = 1_000_000): string[] {
  const newest = createNewestEntries(most, characters);
  for (const text of texts) newest.add({ time: null, lines: [text], more: 0 });
  return newest.oldestFirst().map((entry) => entry.lines.join());
}

describe('createNewestEntries', () => {
  it('keeps the last ones in their order', () => {
    const texts = Array.from({ length: 5000 }, (_, index) => String(index));
    expect(newestOf(texts, 3)).toEqual(['4997', '4998', '4999']);
    expect(newestOf(['a', 'b'], 3)).toEqual(['a', 'b']);
    expect(newestOf([], 3)).toEqual([]);
  });

  it('keeps less when they are long, but always the last, cut', () => {
    expect(newestOf(['aaaa', 'bbbb', 'cccc'], 10, 9)).toEqual(['bbbb', 'cccc']);
    expect(newestOf(['a', 'x'.repeat(100_000)], 10, 100)).toEqual([`${'x'.repeat(8000)}… (92000 more bytes)`]);
  });
});
