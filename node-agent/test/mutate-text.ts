import fc from 'fast-check';

/** `text` with some pieces cut out, doubled, or replaced by what a parser may choke on. */
export function mutationsOf(text: string): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.constantFrom('', ' ', '\n', ' - ', '\\040', '\\', '-', '/', '0', '-1', '9'.repeat(30), ':', ',', '\0', '\u202e'),
    fc.string({ maxLength: 20 }),
  );
  const change = fc.tuple(fc.nat(text.length), fc.nat(40), piece);
  return fc
    .array(change, { minLength: 1, maxLength: 6 })
    .map((changes) =>
      changes.reduce(
        (changed, [at, length, inserted]) => changed.slice(0, at) + inserted + changed.slice(at + length),
        text,
      ),
    );
}
