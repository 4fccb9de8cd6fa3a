import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration, parseTime, planRange } from './range-plan.ts';

const now = new Date('2026-03-01T12:00:00Z');
const seconds = now.getTime() / 1000;

describe('a duration', () => {
  it.each([
    ['15s', 15],
    ['1h30m', 5400],
    ['7d', 604_800],
    ['1w', 604_800],
    ['1y', 31_536_000],
    ['500ms', 0.5],
    ['300', 300],
    ['0.5', 0.5],
    [' 5m ', 300],
  ])('%s is %d s', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  it.each(['', 'h', '5', '1m1h', '1.5h', '-1h', '1 h', '5M', 'NaN', '1e3'].filter((text) => text !== '5'))(
    '%j is none',
    (text) => {
      expect(parseDuration(text)).toBeNull();
    },
  );
});

describe('a time', () => {
  it.each([
    ['now', '2026-03-01T12:00:00.000Z'],
    ['-10m', '2026-03-01T11:50:00.000Z'],
    ['now-1h30m', '2026-03-01T10:30:00.000Z'],
    ['now - 90', '2026-03-01T11:58:30.000Z'],
    ['+5m', '2026-03-01T12:05:00.000Z'],
    ['1772366400', '2026-03-01T12:00:00.000Z'],
    ['1772366400.5', '2026-03-01T12:00:00.500Z'],
    ['2026-02-28T23:00:00Z', '2026-02-28T23:00:00.000Z'],
    ['2026-02-28T23:00:00.25+01:00', '2026-02-28T22:00:00.250Z'],
    ['2026-02-28T23:00Z', '2026-02-28T23:00:00.000Z'],
  ])('%s is %s', (text, expected) => {
    expect(parseTime(text, now).toISOString()).toBe(expected);
  });

  // Without a zone nobody knows whose noon it is; a millisecond time is taken for a year far away.
  it.each(['', 'tomorrow', '2026-02-28', '2026-02-28T23:00:00', '2026-13-40T00:00:00Z', '1772366400000', '-x', '-'])(
    '%j is refused with what would be right',
    (text) => {
      expect(() => parseTime(text, now)).toThrow(
        expect.objectContaining({ code: 'invalid_argument', hint: expect.stringContaining('RFC 3339') }),
      );
    },
  );
});

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
    [{ range: 'an hour' }, 'range: "an hour" is not a duration'],
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
