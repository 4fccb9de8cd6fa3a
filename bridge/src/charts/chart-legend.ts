import { penOf, TEXT } from './chart-inks.ts';
import { drawText, fitText, textWidth } from './draw-text.ts';
import { LINE_HEIGHT } from './glyphs.ts';
import type { PixelCanvas } from './pixel-canvas.ts';
import { type Point, strokePath } from './stroke-path.ts';

/** What a legend says of one line. */
export interface LegendEntry {
  label: string;
  figure: string;
}

/** How a legend is laid out. */
export interface Legend {
  entries: readonly LegendEntry[];
  rows: number;
  /** Pixels from one column to the next, and of each label in it. */
  columnWidth: number;
  labelWidth: number;
  figureWidth: number;
}

export const LEGEND_ROW = 20;
const NUMBER = 16;
const SAMPLE = 40;
const GAP = 8;
/** Between a label and its figure, and between two columns. */
const WIDE_GAP = 24;
/** So many entries always have one column. */
const ONE_COLUMN = 4;

/** Lays the entries out in `width` pixels, in two columns where they are many and short enough. */
export function planLegend(entries: readonly LegendEntry[], width: number): Legend {
  const figureWidth = Math.max(...entries.map(({ figure }) => textWidth(figure)));
  const longest = Math.max(...entries.map(({ label }) => textWidth(label)));
  const taken = NUMBER + GAP + SAMPLE + GAP + WIDE_GAP + figureWidth;
  const half = Math.floor((width - WIDE_GAP) / 2);
  const columns = entries.length > ONE_COLUMN && taken + longest <= half ? 2 : 1;
  return {
    entries,
    rows: Math.ceil(entries.length / columns),
    columnWidth: half + WIDE_GAP,
    labelWidth: Math.min(longest, width - taken),
    figureWidth,
  };
}

/** Draws it below and to the right of `at`: number, a piece of the line, label and figure of each. */
export function drawLegend(canvas: PixelCanvas, legend: Legend, at: Point): void {
  for (const [index, { label, figure }] of legend.entries.entries()) {
    const x = at.x + Math.floor(index / legend.rows) * legend.columnWidth;
    const y = at.y + (index % legend.rows) * LEGEND_ROW;
    const number = String(index + 1);
    drawText(canvas, x + NUMBER - textWidth(number), y, number, TEXT);
    const [from, middle] = [x + NUMBER + GAP, y + LINE_HEIGHT / 2];
    const to = { x: from + SAMPLE, y: middle };
    strokePath(canvas, [{ x: from, y: middle }, to], penOf(index));
    drawText(canvas, to.x + GAP, y, fitText(label, legend.labelWidth), TEXT);
    const end = to.x + GAP + legend.labelWidth + WIDE_GAP + legend.figureWidth;
    drawText(canvas, end - textWidth(figure), y, figure, TEXT);
  }
}
