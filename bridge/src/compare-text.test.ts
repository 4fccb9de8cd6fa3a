import { expect, it } from 'vitest';
import { compareText } from './compare-text.ts';

it('orders text by code units, and says when it is the same', () => {
  expect(['b', 'é', 'B', 'a', ''].sort(compareText)).toEqual(['', 'B', 'a', 'b', 'é']);
  expect(compareText('a', 'a')).toBe(0);
});
