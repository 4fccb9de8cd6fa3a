import type { Point } from './stroke-path.ts';

/** Samples without a gap between them: `times[i]`, seconds since the epoch and ascending, belongs to `values[i]`. */
export interface Run {
  times: readonly number[];
  values: readonly number[];
}

/** Where in a picture, in pixels, a stretch of time and of values is drawn. */
export interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
  /** Seconds since the epoch; `to` is later than `from`. */
  from: number;
  to: number;
  /** `high` is above `low`. */
  low: number;
  high: number;
  /** True where columns of pixels may have several samples each. */
  dense: boolean;
}

/**
 * Cuts a series where samples are missing (more than one and a half steps apart), and takes out those that have no place on an
 * axis: NaN, the infinities, and what is beyond `largest`.
 */
export function runsOf(times: readonly number[], values: readonly number[], step: number, largest: number): Run[] {
  const runs: { times: number[]; values: number[] }[] = [];
  let before = Number.NEGATIVE_INFINITY;
  for (const [index, time] of times.entries()) {
    const value = values[index] ?? Number.NaN;
    if (!(Math.abs(value) <= largest)) continue;
    if (time - before > step * 1.5) runs.push({ times: [], values: [] });
    runs.at(-1)?.times.push(time);
    runs.at(-1)?.values.push(value);
    before = time;
  }
  return runs;
}

/** A run in pixels. */
export interface PlottedRun {
  points: readonly Point[];
  /** In a dense frame from where to where the samples of each column lie, `points` being their means; else empty. */
  band: readonly Column[];
}

/** One column of pixels from its upper to its lower end. */
export interface Column {
  x: number;
  top: number;
  bottom: number;
}

/** Puts the runs into the frame. */
export function plotRuns(runs: readonly Run[], frame: Frame): PlottedRun[] {
  const { left, top, width, height, from, to, low, high, dense } = frame;
  return runs.map(({ times, values }) => {
    const points = times.map((time, index) => ({
      x: left + ((time - from) / (to - from)) * width,
      y: top + ((high - (values[index] ?? low)) / (high - low)) * height,
    }));
    return dense ? inColumns(points) : { points, band: [] };
  });
}

function inColumns(points: readonly Point[]): PlottedRun {
  const means: Point[] = [];
  const band: Column[] = [];
  let at = 0;
  while (at < points.length) {
    const first = at;
    const x = Math.floor(points[first]?.x ?? 0);
    const column: Column = { x, top: Number.POSITIVE_INFINITY, bottom: Number.NEGATIVE_INFINITY };
    let sum = 0;
    for (; at < points.length && Math.floor(points[at]?.x ?? 0) === x; at += 1) {
      const { y = 0 } = points[at] ?? {};
      column.top = Math.min(column.top, y);
      column.bottom = Math.max(column.bottom, y);
      sum += y;
    }
    band.push(column);
    means.push({ x: x + 0.5, y: sum / (at - first) });
  }
  return { points: means, band };
}
