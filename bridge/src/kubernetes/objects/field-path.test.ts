import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ToolError } from '../../errors.ts';
import { parseFieldPaths } from './field-path.ts';

function refusal(fields: string): ToolError {
  try {
    parseFieldPaths(fields);
  } catch (error) {
    if (error instanceof ToolError) return error;
    throw error;
  }
  throw new Error(`${fields} was taken`);
}

describe('parseFieldPaths', () => {
  it.each([
    ['spec.nodeName'],
    ['.spec.nodeName'],
    ['$.spec.nodeName'],
    ['{.spec.nodeName}'],
    ['{$.spec.nodeName}'],
    ['  spec.nodeName  '],
    ['{.items[*].spec.nodeName}'],
    ['$.items[*].spec.nodeName'],
    ['items[].spec.nodeName'],
  ])('takes %j for the same path', (fields) => {
    expect(parseFieldPaths(fields)).toStrictEqual(parseFieldPaths('spec.nodeName'));
  });

  it.each([
    ["metadata.labels['app.kubernetes.io/name']"],
    ['metadata.labels["app.kubernetes.io/name"]'],
    ['metadata.labels.app\\.kubernetes\\.io/name'],
    ["$['metadata']['labels']['app.kubernetes.io/name']"],
  ])('takes %j for the same label', (fields) => {
    const [path] = parseFieldPaths(fields);
    expect(path?.steps.map(({ step }) => step)).toStrictEqual([
      { kind: 'name', name: 'metadata' },
      { kind: 'name', name: 'labels' },
      { kind: 'name', name: 'app.kubernetes.io/name' },
    ]);
  });

  it('takes several, and commas inside of quotes and filters for what they are', () => {
    const paths = parseFieldPaths(`a.b, c['x,y'] ,d[?(@.e=="f,g")].h`);
    expect(paths.map(({ text }) => text)).toStrictEqual(['a.b', "c['x,y']", 'd[?(@.e=="f,g")].h']);
  });

  it("takes kubectl's template with texts between the values", () => {
    const paths = parseFieldPaths('{.metadata.name}{"\\t"}{.spec.nodeName}{"\\n"}');
    expect(paths.map(({ text }) => text)).toStrictEqual(['metadata.name', 'spec.nodeName']);
  });

  it.each([
    ['', 'at position 1: a path expected, it ends here'],
    ['spec..', 'at position 7: a name expected, it ends here'],
    ['spec.a,', 'at position 8: a path expected, it ends here'],
    ['spec.a b', 'at position 8: a comma between paths expected, got b'],
    ['spec.containers[', 'at position 17: a number, *, a quoted name or ?(…) expected'],
    ['spec.containers[1', 'at position 16: no ] to this ['],
    ['spec.containers[image]', 'at position 17: a number'],
    ["metadata.labels['app", 'at position 17: a number'],
    ['a[?(b=="c")]', 'at position 5: @ expected, got b'],
    ['a[?(@.b==c)]', 'at position 10: a quoted text, a number, true, false or null expected, got c'],
    ['a[?(@.b=="c"]', 'at position 13: ) expected, got ]'],
    ['{.spec.nodeName', 'at position 16: } expected, it ends here'],
    ['{range .items[*]}{.metadata.name}{end}', 'at position 1: range is not needed'],
    ['a.b()', 'at position 4: a comma between paths expected, got ('],
    [Array.from({ length: 21 }, () => 'a').join(), '21 paths, at most 20'],
    ['a'.repeat(2001), 'longer than 2000 characters'],
  ])('refuses %j and says where', (fields, says) => {
    const error = refusal(fields);
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toContain(`fields: ${says}`);
    expect(error.hint).toContain('spec.containers[*].image');
  });

  it('ends with paths or a refusal on any text', () => {
    const piece = fc.constantFrom(
      'a',
      '.',
      '[',
      ']',
      '*',
      '?',
      '(',
      ')',
      '@',
      '"',
      "'",
      '\\',
      ',',
      '{',
      '}',
      '$',
      '==',
      '&&',
      '!',
      ' ',
      '1',
      ':',
      '-',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
        ),
        (fields) => {
          try {
            expect(parseFieldPaths(fields).length).toBeGreaterThan(0);
          } catch (error) {
            expect(error).toBeInstanceOf(ToolError);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('does not fall over a filter of many brackets', () => {
    expect(refusal(`a[?${'('.repeat(1900)}`).code).toBe('invalid_argument');
    expect(refusal(`a[?${'!'.repeat(1900)}`).code).toBe('invalid_argument');
  });

  it('finds any name again that is quoted', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 40 }), (name) => {
        const [path] = parseFieldPaths(`a['${name.replace(/[\\']/g, '\\$&')}']`);
        expect(path?.steps.at(-1)?.step).toStrictEqual({ kind: 'name', name });
      }),
    );
  });
});
