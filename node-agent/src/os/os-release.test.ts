import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isImageBased, parseOsRelease } from './os-release.ts';

describe('parseOsRelease', () => {
  it('reads quoted, bare and escaped values and passes over the rest', () => {
    const text = `# comment\nID=arch\nNAME="Arch \\"Linux\\""\nPRETTY_NAME='It'\n\nnot a line\nlower=no\nVERSION_ID=\nID=later\n`;
    expect(Object.fromEntries(parseOsRelease(text))).toEqual({
      ID: 'later',
      NAME: 'Arch "Linux"',
      PRETTY_NAME: 'It',
      VERSION_ID: '',
    });
  });

  it('takes any text without throwing and gives nothing with control characters', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('ID=', '"', "'", '\n', 'NAME="'))),
        (parts) => {
          for (const value of parseOsRelease(parts.join('')).values()) expect(value).not.toMatch(/\p{Cc}/u);
        },
      ),
    );
  });
});

describe('isImageBased', () => {
  it.each([
    ['ID=flatcar', true],
    ['ID=bottlerocket', true],
    ['ID=fedora\nVARIANT_ID=coreos', true],
    ['ID=fedora\nVARIANT_ID=server', false],
    ['ID=debian', false],
  ])('%j: %s', (text, expected) => {
    expect(isImageBased(parseOsRelease(text))).toBe(expected);
  });
});
