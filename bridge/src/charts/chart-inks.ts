import { paletteOf, type Rgb } from './pixel-canvas.ts';
import type { Pen } from './stroke-path.ts';

/**
 * Colours that people with any of the common colour blindnesses tell apart: those of Okabe and Ito
 * (https://jfly.uni-koeln.de/color/) without yellow, which is not seen on white.
 */
const LINES: readonly Rgb[] = [
  [0, 114, 178],
  [213, 94, 0],
  [0, 158, 115],
  [204, 121, 167],
  [86, 180, 233],
  [230, 159, 0],
  [60, 60, 60],
];

/** As many as have no divisor in common with the colours, so that no two of 35 lines look the same. */
const DASHES: readonly (readonly number[])[] = [[], [11, 5], [3, 4], [12, 4, 3, 4], [20, 5]];

export const TEXT = 0;
export const PALE_TEXT = 1;
export const GRID = 2;
const FIRST_LINE = 3;

/** The colours of a chart: dark text, pale text, grid, lines. */
export const PALETTE: readonly Rgb[] = paletteOf(
  [255, 255, 255],
  [[26, 26, 26], [96, 96, 96], [226, 226, 226], ...LINES],
);

/** What the line of a series is drawn with, the first of the legend being 0. Dashes tell them apart where colours do not. */
export function penOf(index: number): Pen {
  return { ink: FIRST_LINE + (index % LINES.length), width: 2, dash: DASHES[index % DASHES.length] ?? [] };
}
