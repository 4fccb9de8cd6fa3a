import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ByteLine, createLineSplitter } from './byte-lines.ts';

function split(chunks: readonly Buffer[], maxBytes = 1000): ByteLine[] {
  const lines: ByteLine[] = [];
  const splitter = createLineSplitter(maxBytes, (line) => lines.push(line));
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return lines;
}

const texts = (lines: readonly ByteLine[]) => lines.map((line) => line.text);

describe('createLineSplitter', () => {
  it('gives the same lines wherever the chunks end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'ü', '€', '🐈', ' ', '\t') })),
        fc.boolean(),
        fc.array(fc.nat({ max: 200 })),
        (lines, isCrlf, cuts) => {
          const bytes = Buffer.from(lines.map((line) => `${line}${isCrlf ? '\r\n' : '\n'}`).join(''));
          const places = [...new Set([0, ...cuts.filter((cut) => cut < bytes.length), bytes.length])].sort(
            (a, b) => a - b,
          );
          const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
          expect(texts(split(chunks))).toEqual(lines);
        },
      ),
    );
  });

  it('gives a last line without an end, and no line after a last end', () => {
    expect(texts(split([Buffer.from('one\ntwo')]))).toEqual(['one', 'two']);
    expect(texts(split([Buffer.from('one\n')]))).toEqual(['one']);
    expect(texts(split([]))).toEqual([]);
  });

  it('holds no more of a line than it may, and says what is lost, in one chunk or in many', () => {
    const whole = [Buffer.from(`a\n${'x'.repeat(5000)}\nb\n`)];
    const many = [
      Buffer.from('a\n'),
      ...Array.from({ length: 50 }, () => Buffer.from('x'.repeat(100))),
      Buffer.from('\nb\n'),
    ];
    for (const chunks of [whole, many]) {
      expect(split(chunks).map(({ text, lost }) => [text.length, lost])).toEqual([
        [1, 0],
        [1000, 4000],
        [1, 0],
      ]);
    }
  });

  it('makes text of bytes that are none', () => {
    expect(texts(split([Buffer.from([0xff, 0xfe, 0x61, 0x0a, 0xc3, 0x0a])]))).toEqual(['\ufffd\ufffda', '\ufffd']);
  });
});
