import { expect, it } from 'vitest';
import { cover, createCanvas, fillBox, paletteOf, SHADES, withoutShades } from './pixel-canvas.ts';

const shade = (ink: number, level: number) => ink * SHADES + level;

it('takes nothing outside of the picture', () => {
  const canvas = createCanvas(3, 2);
  for (const [x, y] of [
    [-1, 0],
    [3, 0],
    [0, -1],
    [0, 2],
  ] as const)
    cover(canvas, x, y, 1, 1);
  fillBox(canvas, { x: -5, y: 1, width: 6, height: 9 }, 0);
  expect([...canvas.pixels]).toEqual([0, 0, 0, SHADES, 0, 0]);
});

it('lets the edge of a line leave the line below, and its middle cover it', () => {
  const canvas = createCanvas(2, 1);
  fillBox(canvas, { x: 0, y: 0, width: 2, height: 1 }, 0);
  cover(canvas, 0, 0, 1, 0.4);
  cover(canvas, 1, 0, 1, 0.6);
  expect([...canvas.pixels]).toEqual([shade(0, SHADES), shade(1, 3)]);
});

it('makes an ink that covers a pixel twice no paler', () => {
  const canvas = createCanvas(1, 1);
  cover(canvas, 0, 0, 2, 0.8);
  cover(canvas, 0, 0, 2, 0.2);
  expect([...canvas.pixels]).toEqual([shade(2, 4)]);
});

it('has colours from almost paper to the ink itself, and no more than a PNG takes', () => {
  const palette = paletteOf(
    [255, 255, 255],
    Array.from({ length: 51 }, () => [0, 90, 30] as const),
  );
  expect(palette).toHaveLength(256);
  expect(palette[0]).toEqual([255, 255, 255]);
  expect(palette[1]).toEqual([204, 222, 210]);
  expect(palette[SHADES]).toEqual([0, 90, 30]);
});

it('loses soft edges only where it must be small', () => {
  const canvas = createCanvas(5, 1);
  for (const [x, covered] of [0.2, 0.4, 0.6, 1].entries()) cover(canvas, x, 0, 3, covered);
  expect([...withoutShades(canvas).pixels]).toEqual([0, 0, shade(3, SHADES), shade(3, SHADES), 0]);
});
