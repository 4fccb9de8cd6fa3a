import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readPng } from '../../test/read-png.ts';
import type { Rgb } from './pixel-canvas.ts';
import { encodePng } from './png.ts';

const palette = Array.from({ length: 256 }, (_, index): Rgb => [index, 255 - index, (index * 7) % 256]);
const hex = (colour: Rgb) => `#${Buffer.from(colour).toString('hex')}`;

it('writes every pixel of any picture in its colour', () => {
  fc.assert(
    fc.property(
      fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 })).chain(([width, height]) =>
        fc.record({
          width: fc.constant(width),
          height: fc.constant(height),
          pixels: fc.uint8Array({ minLength: width * height, maxLength: width * height }),
        }),
      ),
      ({ width, height, pixels }) => {
        const png = readPng(encodePng({ width, height, pixels }, palette));
        expect([png.width, png.height]).toEqual([width, height]);
        const colours = Array.from(pixels, (_, at) => png.at(at % width, Math.floor(at / width)));
        expect(colours).toEqual(Array.from(pixels, (index) => hex(palette[index]!)));
      },
    ),
  );
});
