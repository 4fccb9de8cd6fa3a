import fc from 'fast-check';

/** `text` with up to eight random cuts, repeats and replaced characters: what a parser must get through without a crash. */
export function mutatedText(text: string): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.nat({ max: text.length }),
    length: fc.oneof(fc.nat({ max: 8 }), fc.nat({ max: text.length })),
    insert: fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('\n', '\t', ': ', '-1', '99999999999999999999', '')),
  });
  return fc
    .array(edit, { minLength: 1, maxLength: 8 })
    .map((edits) =>
      edits.reduce((now, { at, length, insert }) => now.slice(0, at) + insert + now.slice(at + length), text),
    );
}

/** Properties over these run so often. */
export const MUTATIONS = { numRuns: 10_000 } as const;
