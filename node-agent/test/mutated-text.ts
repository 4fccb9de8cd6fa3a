import { readFileSync } from 'node:fs';
import fc from 'fast-check';

/** A file of `fixtures/`, as text. */
export function fixtureText(path: string): string {
  return readFileSync(new URL(`fixtures/${path}`, import.meta.url), 'utf8');
}

/** A real text after up to eight edits: parts cut out, repeated, or replaced by characters that parsers stumble over. */
export function mutatedText(text: string): fc.Arbitrary<string> {
  const junk = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.constantFrom('{', '}', '"', "'", '<', '>', '/', '\n', '\\', '#', '=', ':', '-', ' ', '\0', '$', '*', '\u202e'),
  );
  const edit = fc.record({ at: fc.nat(text.length), length: fc.nat(40), put: fc.oneof(junk, fc.constant(null)) });
  return fc.array(edit, { minLength: 1, maxLength: 8 }).map((edits) => {
    let edited = text;
    for (const { at, length, put } of edits) {
      const part = edited.slice(at, at + length);
      edited = `${edited.slice(0, at)}${put ?? `${part}${part}`}${edited.slice(at + length)}`;
    }
    return edited;
  });
}
