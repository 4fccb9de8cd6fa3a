import { expect, it } from 'vitest';
import { showMhz, showShare } from './format-ratio.ts';

it.each([
  [0, '0%'],
  [0.0004, '0%'],
  [0.0042, '0.4%'],
  [0.03, '3%'],
  [0.0996, '10%'],
  [0.555, '56%'],
  [1, '100%'],
])('%d is %s', (ratio, text) => {
  expect(showShare(ratio)).toBe(text);
});

it.each([
  [800, '800MHz'],
  [2845, '2.85GHz'],
  [4000, '4GHz'],
])('%d MHz is %s', (megahertz, text) => {
  expect(showMhz(megahertz)).toBe(text);
});
