import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseTaints } from './kernel-taints.ts';

it.each([
  ['0', []],
  ['1', ['proprietary_module']],
  ['4096\n', ['out_of_tree_module']],
  ['12289', ['proprietary_module', 'out_of_tree_module', 'unsigned_module']],
  ['512', ['kernel_warning']],
  ['524288', ['mutating_debug_operation']],
  [String(2n ** 40n), ['bit_40']],
])('taint %s is %j', (text, words) => {
  expect(parseTaints(text)).toEqual(words);
});

it.each(['', 'P', '-1', '0x10', '1 2', '9'.repeat(21)])('%j is no taint', (text) => {
  expect(parseTaints(text)).toBeNull();
});

it('has one word for every bit', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n }), (value) => {
      const bits = value.toString(2).replaceAll('0', '').length;
      expect(new Set(parseTaints(String(value))).size).toBe(bits);
    }),
  );
});
