import type { Arbitrary } from 'fast-check';
import fc from 'fast-check';

/** A real text with a few places cut out, doubled, or overwritten: what a kernel never wrote, though nearly. */
export function mutationsOf(text: string): Arbitrary<string> {
  const change = fc.record({
    at: fc.nat({ max: text.length }),
    length: fc.nat({ max: 40 }),
    put: fc.oneof(
      fc.constantFrom('', '-', ' ', '\n', '\0', '99999999999999999999', '-1', 'NaN', '1e9', 'cpu', ':', '\u202e'),
      fc.string({ maxLength: 12 }),
    ),
    doubled: fc.boolean(),
  });
  return fc.array(change, { minLength: 1, maxLength: 6 }).map((changes) => {
    let mutated = text;
    for (const { at, length, put, doubled } of changes) {
      const cut = mutated.slice(at, at + length);
      mutated = mutated.slice(0, at) + (doubled ? cut + cut : put) + mutated.slice(at + length);
    }
    return mutated;
  });
}
