import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Frame, plotRuns, runsOf } from './plot-runs.ts';

const frame: Frame = { left: 100, top: 50, width: 600, height: 200, from: 0, to: 600, low: 0, high: 10, dense: false };

describe('runsOf', () => {
  it('cuts where samples are missing, NaN, infinite or too large', () => {
    const values = [1, 2, Number.NaN, 4, 5, Number.POSITIVE_INFINITY, 1e301, 8, 9];
    const runs = runsOf([0, 15, 30, 45, 60, 75, 90, 105, 180], values, 15, 1e300);
    expect(runs).toEqual([
      { times: [0, 15], values: [1, 2] },
      { times: [45, 60], values: [4, 5] },
      { times: [105], values: [8] },
      { times: [180], values: [9] },
    ]);
  });

  it('keeps every other sample, in order', () => {
    const value = fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constant(Number.NaN));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), value)), (entries) => {
        const seen = entries.flatMap(([there, each], index) => (there ? [{ time: index * 10, value: each }] : []));
        const runs = runsOf(
          seen.map(({ time }) => time),
          seen.map((one) => one.value),
          10,
          1e300,
        );
        expect(
          runs.flatMap(({ times, values }) => times.map((time, index) => ({ time, value: values[index] }))),
        ).toEqual(seen.filter((one) => !Number.isNaN(one.value)));
        for (const { times } of runs) expect(times.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('plotRuns', () => {
  it('puts the first time left, the last right, the highest value on top', () => {
    const [run] = plotRuns([{ times: [0, 300, 600], values: [0, 5, 10] }], frame);
    expect(run).toEqual({
      points: [
        { x: 100, y: 250 },
        { x: 400, y: 150 },
        { x: 700, y: 50 },
      ],
      band: [],
    });
  });

  it('of many samples in a column draws the mean, and from the lowest to the highest behind it', () => {
    const times = [0, 0.25, 0.5, 0.75, 1];
    const [run] = plotRuns([{ times, values: [0, 10, 5, 5, 10] }], { ...frame, dense: true });
    expect(run).toEqual({
      points: [
        { x: 100.5, y: 150 },
        { x: 101.5, y: 50 },
      ],
      band: [
        { x: 100, top: 50, bottom: 250 },
        { x: 101, top: 50, bottom: 50 },
      ],
    });
  });
});
