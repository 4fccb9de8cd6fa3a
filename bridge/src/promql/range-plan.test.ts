import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planRange } from './range-plan.ts';

const now = new Date('2026-03-01T12:00:00Z');
const seconds = now.getTime() / 1000;

describe('the plan of a range', () => {
  it.each([
    ['5m', 15],
    ['15m', 15],
    ['30m', 30],
    ['1h', 60],
    ['4h', 300],
    ['1d', 1800],
    ['7d', 10_800],
    ['30d', 43_200],
    ['1y', 604_800],
    ['10s', 10],
  ])('of %s has a round step', (range, step) => {
    expect(planRange({ range, end: now }).step).toBe(step);
  });

  it('ends at the very end, also where the step does not divide the range', () => {
    const plan = planRange({ range: '100s', end: now, step: '30s' });
    expect(plan).toEqual({ start: seconds - 90, end: seconds, step: 30, notes: [] });
  });

  it('gives no more values than the points asked for', () => {
    const plan = planRange({ range: '1h', end: now, points: 10 });
    expect(plan.step).toBe(600);
    expect((plan.end - plan.start) / plan.step + 1).toBeLessThanOrEqual(10);
  });

  it('raises a step that Prometheus would refuse, and says so', () => {
    const plan = planRange({ range: '7d', end: now, step: '1s' });
    expect(plan.step).toBe(60);
    expect(plan.notes).toEqual(['step raised from 1s to 1m: Prometheus gives at most 11000 points per series']);
  });

  it.each([
    [{ range: 'a while' }, 'range: "a while" is not a duration'],
    [{ range: '0s' }, 'range: "0s" is not a duration'],
    [{ range: '1h', step: '0' }, 'step: "0" is not a duration'],
    [{ range: '1h', step: '2h' }, 'step: 2h is longer than the range 1h'],
  ])('refuses %j', (asked, message) => {
    expect(() => planRange({ end: now, ...asked })).toThrow(
      expect.objectContaining({ code: 'invalid_argument', message }),
    );
  });

  it('never has more points than Prometheus gives, whatever is asked', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 3e9, noNaN: true }),
        fc.option(fc.double({ min: 0.001, max: 3e9, noNaN: true }), { nil: undefined }),
        fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
        (range, step, points) => {
          fc.pre(step === undefined || step <= range);
          const plan = planRange({
            range: range.toFixed(3),
            end: now,
            ...(step === undefined
              ? {}
              : { step: Math.min(Number(step.toFixed(3)), Number(range.toFixed(3))).toFixed(3) }),
            ...(points === undefined ? {} : { points }),
          });
          expect(plan.step).toBeGreaterThan(0);
          expect(plan.end).toBe(seconds);
          expect((plan.end - plan.start) / plan.step).toBeLessThanOrEqual(11_000.001);
          expect(plan.end - plan.start).toBeLessThanOrEqual(range + 0.001);
        },
      ),
    );
  });
});
