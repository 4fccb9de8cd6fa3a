import { expect, test } from 'vitest';
import { readParagraphs } from './paragraphs.ts';

function read(text: string) {
  const rows: (readonly (string | null)[])[] = [];
  const isWhole = readParagraphs(Buffer.from(text), ['A:', 'Ab:'], (values) => rows.push(values));
  return { rows, isWhole };
}

test('takes the first value of each key, in the order asked for, and null for what a paragraph lacks', () => {
  expect(read('Ab: 2\nA:1\nA: 3\nZ: x\n\n\n\nZ: y\n\nA:  spaced  \n\n')).toEqual({
    rows: [
      ['1', '2'],
      [null, null],
      ['spaced', null],
    ],
    isWhole: true,
  });
});

test('continuation lines are no fields, and carriage returns do not count', () => {
  expect(read('A: 1\r\n Ab: no\r\n\tA: no\r\n\r\nA: 2\r\n').rows).toEqual([
    ['1', null],
    ['2', null],
  ]);
});

test('tells an end in the middle of a line, and keeps what there is', () => {
  expect(read('A: 1\n\nA: 2\nAb: 3')).toEqual({
    rows: [
      ['1', null],
      ['2', '3'],
    ],
    isWhole: false,
  });
  expect(read('')).toEqual({ rows: [], isWhole: true });
});

test('a value is at most 512 bytes of printable text', () => {
  expect(read(`A: ${'x'.repeat(9999)}\n`).rows[0]?.[0]).toHaveLength(511);
  expect(read('A: a\u001b[31m\u202eb\u00e4\n').rows[0]?.[0]).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});
