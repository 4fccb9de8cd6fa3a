import { GRID, PALE_TEXT, PALETTE, penOf, TEXT } from './chart-inks.ts';
import { drawLegend, planLegend, LEGEND_ROW as ROW } from './chart-legend.ts';
import { drawText, fitText, textWidth } from './draw-text.ts';
import type { Unit } from './expression-unit.ts';
import { LINE_HEIGHT } from './glyphs.ts';
import { cover, createCanvas, fillBox, type PixelCanvas, withoutShades } from './pixel-canvas.ts';
import { type Column, type Frame, type PlottedRun, plotRuns, type Run } from './plot-runs.ts';
import { encodePng } from './png.ts';
import { strokePath } from './stroke-path.ts';
import { timeTicks } from './time-axis.ts';
import { valueAxis } from './value-axis.ts';

/** A line of a chart. */
export interface ChartLine {
  label: string;
  /** Behind the label in the legend, for example `last 3.2 MiB`. */
  figure: string;
  /** Seconds since the epoch, ascending, and the values there, all finite. Between two runs nothing was seen. */
  runs: readonly Run[];
}

/** What a chart shows. All text is drawn as it is, cut at the edge. */
export interface LineChart {
  title: string;
  subtitle: string;
  /** Ends of the axis of time, seconds since the epoch. */
  from: number;
  to: number;
  /** Samples lie so many seconds apart. */
  step: number;
  unit: Unit;
  /** The most important first. At least one has a value. */
  lines: readonly ChartLine[];
  /** Below the legend. */
  remarks: readonly string[];
}

const CHART_WIDTH = 1000;
/** Above it a picture does without soft edges, and then is well below. */
const MAX_BYTES = 95_000;
/** Above and below the plot, and of it. */
const TOP = 54;
const PLOT_HEIGHT = 340;
const AXIS_HEIGHT = 30;
const MARGIN = 12;
/** Right of the plot, for the numbers of the lines. */
const RIGHT = 34;
/** What the number of a line takes. */
const NUMBER_WIDTH = 20;
const NUMBER_HEIGHT = 13;
/** Of the ink of its line. */
const BAND_SHADE = 0.3;

/** Draws the chart as PNG, 1000 pixels wide, up to 700 high and of at most 100 kB. The same chart is the same bytes. */
export function drawLineChart(chart: LineChart): Buffer {
  const legend = planLegend(chart.lines, CHART_WIDTH - 2 * MARGIN);
  const below = TOP + PLOT_HEIGHT + AXIS_HEIGHT;
  const remarksAt = below + legend.rows * ROW;
  const canvas = createCanvas(CHART_WIDTH, remarksAt + chart.remarks.length * ROW + MARGIN);
  const write = (y: number, text: string, ink: number) =>
    drawText(canvas, MARGIN, y, fitText(text, CHART_WIDTH - 2 * MARGIN), ink);
  write(8, chart.title, TEXT);
  write(28, chart.subtitle, PALE_TEXT);
  const frame = drawAxes(canvas, chart);
  const plotted = chart.lines.map(({ runs }) => plotRuns(runs, frame));
  // Bands leave alone what is there already, lines do not: in both the first is the one that is seen.
  for (const [index, runs] of plotted.entries()) for (const { band } of runs) fillBand(canvas, band, penOf(index).ink);
  for (const [index, runs] of [...plotted.entries()].reverse())
    for (const { points } of runs) strokePath(canvas, points, penOf(index));
  if (plotted.length > 1) numberLines(canvas, plotted);
  drawLegend(canvas, legend, { x: MARGIN, y: below });
  for (const [index, remark] of chart.remarks.entries()) write(remarksAt + index * ROW, remark, PALE_TEXT);
  const png = encodePng(canvas, PALETTE);
  return png.length <= MAX_BYTES ? png : encodePng(withoutShades(canvas), PALETTE);
}

/** Whether there are more samples than columns of pixels: what is drawn then are means, before bands of all values. */
export function isDense({ from, to, step }: Pick<LineChart, 'from' | 'to' | 'step'>): boolean {
  return (to - from) / step > CHART_WIDTH;
}

function drawAxes(canvas: PixelCanvas, chart: LineChart): Frame {
  const { lines, from, to, unit } = chart;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { values } of lines.flatMap(({ runs }) => runs)) {
    for (const value of values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  const values = valueAxis(low, high, unit, 5);
  const left = MARGIN + Math.max(...values.ticks.map(({ label }) => textWidth(label))) + 8;
  const width = CHART_WIDTH - left - RIGHT;
  const frame: Frame = {
    ...{ left, top: TOP, width, height: PLOT_HEIGHT },
    ...{ from, to: Math.max(to, from + 1e-3), low: values.low, high: values.high, dense: isDense(chart) },
  };
  const bottom = TOP + PLOT_HEIGHT;
  for (const { at, label } of values.ticks) {
    const y = Math.round(frame.top + ((frame.high - at) / (frame.high - frame.low)) * frame.height);
    fillBox(canvas, { x: left, y, width, height: 1 }, GRID);
    drawText(canvas, left - 8 - textWidth(label), y - LINE_HEIGHT / 2, label, PALE_TEXT);
  }
  for (const { at, label } of timeTicks(frame.from, frame.to, Math.floor(width / 90))) {
    const x = Math.round(left + ((at - frame.from) / (frame.to - frame.from)) * width);
    fillBox(canvas, { x, y: TOP, width: 1, height: PLOT_HEIGHT + 4 }, GRID);
    const start = Math.min(x - textWidth(label) / 2, CHART_WIDTH - MARGIN - textWidth(label));
    drawText(canvas, start, bottom + 6, label, PALE_TEXT);
  }
  fillBox(canvas, { x: left, y: bottom, width, height: 1 }, PALE_TEXT);
  fillBox(canvas, { x: left, y: TOP, width: 1, height: PLOT_HEIGHT }, PALE_TEXT);
  return frame;
}

function fillBand(canvas: PixelCanvas, band: readonly Column[], ink: number): void {
  for (const { x, top, bottom } of band)
    for (let y = Math.floor(top); y <= bottom; y += 1) cover(canvas, x, y, ink, BAND_SHADE);
}

/** Each line's number behind its end, so that colours are not needed to tell them; moved apart where they would overlap. */
function numberLines(canvas: PixelCanvas, plotted: readonly (readonly PlottedRun[])[]): void {
  const ends = plotted.flatMap((runs, index) => {
    const end = runs.at(-1)?.points.at(-1);
    return end === undefined ? [] : [{ index, x: end.x + 5, y: end.y - LINE_HEIGHT / 2 }];
  });
  ends.sort((a, b) => a.y - b.y || a.index - b.index);
  const near = (a: { x: number }, b: { x: number }) => Math.abs(a.x - b.x) < NUMBER_WIDTH;
  for (const [rank, end] of ends.entries())
    for (const above of ends.slice(0, rank)) if (near(above, end)) end.y = Math.max(end.y, above.y + NUMBER_HEIGHT);
  // Those that were moved below the axis move up again, and what is in their way with them.
  for (const [rank, end] of [...ends.entries()].reverse()) {
    end.y = Math.min(end.y, TOP + PLOT_HEIGHT - NUMBER_HEIGHT);
    for (const under of ends.slice(rank + 1)) if (near(under, end)) end.y = Math.min(end.y, under.y - NUMBER_HEIGHT);
  }
  for (const { index, x, y } of ends) drawText(canvas, x, y, String(index + 1), penOf(index).ink);
}
