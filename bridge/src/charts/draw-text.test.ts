import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawText, fitText, textWidth } from './draw-text.ts';
import { GLYPHS, LINE_HEIGHT } from './glyphs.ts';
import { createCanvas, SHADES } from './pixel-canvas.ts';

function drawn(text: string): string {
  const width = textWidth(text) + 2;
  const canvas = createCanvas(width, LINE_HEIGHT);
  drawText(canvas, 0, 0, text, 0);
  return Array.from({ length: LINE_HEIGHT }, (_, y) =>
    [...canvas.pixels.subarray(y * width, (y + 1) * width)]
      .map((shade) => (shade === 0 ? ' ' : 2 * shade < SHADES ? '.' : '#'))
      .join('')
      .trimEnd(),
  ).join('\n');
}

describe('the characters', () => {
  it('can be read', () => {
    expect(drawn('rate(x{a="b"}[5m])')).toMatchInlineSnapshot(`
      "
                                    ..          ..                                  ..   .##.                     ### ..
                                   .#          .#.                .#.# .#      .#.# .#.  .#.  .#####              ..# .#.
                     .#            #.          #.                 .#.# .#      .#.#  ##  .#   ##....               .#  .#
                     .#           .#          .#.                 .#.# .#      .#.#  .#  .#   ##                   .#   #.
      .###. .####.  ####   ####   #.  .#. .#. .#   .####.              .#####        .#  .#   ##     .#.###..###.  .#   ##
      .##.  ##..##  ..#.  ##..##  #.   ## ##  .#   ##..##  ######      .##..##       .#. .#   #####  .##..###..##  .#   .#
      .#    .   .#   .#   #.  .# .#.   .###.  ##   .   .#  ......      .#.  ##        #. .#   ##..## .#   .#.  .#  .#   .#
      .#    .#####   .#  .###### .#     ##.  ##.   .#####              .#   .#        .#..#       .# .#   .#   .#  .#   .#
      .#    ##...#   .#  .#..... .#.    ###  .##   ##...#  ######      .#   .#        ## .#       .# .#   .#   .#  .#   .#
      .#   .#.  .#   .#   #.     .#.   .###.  .#  .#.  .#  ......      .#.  ##       .#. .#  .#.  .# .#   .#   .#  .#   .#
      .#    ##..##   .#.  ##..##  #.   ## ##  .#   ##..##              .##..##       .#  .#   ##..## .#   .#   .#  .#   ##
      .#    .###.#.   ##   ####.  ##  .#. .#. .#   .###.#.             .#.###        .#  .#   .####  .#   .#   .#  .#   #.
                                  .#           #.                                    .#  .#                        .#  .#.
                                   ##          ##.                                  .#.  .##.                     ###  ##
                                   .#.          ..                                  ..    ..                      ... .#
                                     .                                                                                ."
    `);
  });

  it('are all of ASCII, none of them like another', () => {
    const ascii = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
    expect(ascii.filter((sign) => !GLYPHS.has(sign))).toEqual([]);
    expect(new Set([...GLYPHS.values()].map((glyph) => JSON.stringify(glyph))).size).toBe(GLYPHS.size);
  });

  it('stay within the line', () => {
    for (const [sign, { top, width, shades, left, advance }] of GLYPHS) {
      expect(shades.length, sign).toBe(width === 0 ? 0 : Math.floor(shades.length / width) * width);
      if (width > 0) expect(top + shades.length / width, sign).toBeLessThanOrEqual(LINE_HEIGHT);
      expect(left + width, sign).toBeLessThanOrEqual(advance + 2);
    }
  });

  it('without a picture of their own are shown without their accent, or as boxes', () => {
    expect(drawn('é')).toBe(drawn('e'));
    expect(drawn('漢')).toBe(drawn('□'));
    expect(drawn('👍')).toBe(drawn('□'));
  });
});

describe('fitText', () => {
  it('leaves what fits, and marks what it cuts', () => {
    expect(fitText('short', 100)).toBe('short');
    expect(fitText('instance=10.0.0.17:9100', 100)).toBe('instance=10.…');
  });

  it('never gives more than fits, and never half a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 20, max: 200 }), (text, width) => {
        const fitted = fitText(text, width);
        expect(textWidth(fitted)).toBeLessThanOrEqual(width);
        expect(fitted.isWellFormed()).toBe(true);
      }),
    );
  });
});
