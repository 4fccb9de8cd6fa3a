import { expect, it } from 'vitest';
import { showBytes } from './format-bytes.ts';

it.each([
  [0, '0B'],
  [1023, '1023B'],
  [1024, '1KiB'],
  [1_288_490_188, '1.2GiB'],
  [33_568_768_000, '31GiB'],
  [224_395_264, '214MiB'],
  [1024 ** 2 - 1, '1MiB'],
  [2 ** 53, '8PiB'],
])('shows %d bytes as %s', (bytes, shown) => {
  expect(showBytes(bytes)).toBe(shown);
});
