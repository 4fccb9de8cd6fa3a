import { readFileSync } from 'node:fs';
import fc from 'fast-check';

/** A file of `fixtures/`, as text. */
export function fixtureText(path: string): string {
  return readFileSync(new URL(`fixtures/${path}`, import.meta.url), 'utf8');
}

/**
 * A real text after up to eight changes: parts cut out, doubled, or overwritten by what parsers stumble over. What nobody ever
 * wrote, though nearly; a parser must get through it without a crash.
 */
export function mutatedText(text: string): fc.Arbitrary<string> {
  const junk = fc.oneof(
    fc.constantFrom(
      '',
      ' ',
      '\n',
      '\t',
      '\0',
      '\\',
      '\\040',
      '\u202e',
      '"',
      "'",
      '{',
      '}',
      '<',
      '>',
      '#',
      '=',
      ':',
      ',',
      '/',
    ),
    fc.constantFrom('-', '-1', '0', '9'.repeat(30), 'NaN', '1e9', ': ', ' - '),
    fc.string({ maxLength: 12 }),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  const change = fc.record({
    at: fc.nat(text.length),
    length: fc.oneof({ weight: 9, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.nat(text.length) }),
    put: fc.oneof(junk, fc.constant(null)),
  });
  return fc.array(change, { minLength: 1, maxLength: 8 }).map((changes) =>
    changes.reduce((changed, { at, length, put }) => {
      const part = changed.slice(at, at + length);
      return changed.slice(0, at) + (put ?? part + part.slice(0, 200)) + changed.slice(at + length);
    }, text),
  );
}

/** Properties over these run so often. */
export const MUTATIONS = { numRuns: 10_000 } as const;
