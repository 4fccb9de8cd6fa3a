import { describe, expect, it } from 'vitest';
import { secondsBetween, showAge, showMoment, showOffset } from './format-time.ts';

describe('format-time', () => {
  it('shows the day of a moment only when it is another day', () => {
    expect(showMoment('2026-11-22T02:11:03.900Z', '2026-11-22T13:02:11Z')).toBe('02:11:03Z');
    expect(showMoment('2026-11-21T23:59:59Z', '2026-11-22T00:00:01Z')).toBe('2026-11-21T23:59Z');
  });

  it.each([
    [0, '0s'],
    [0.4, '0s'],
    [59.6, '1m'],
    [1268, '21m'],
    [86_399, '23h'],
    [-3 * 86_400 - 600, '-3d'],
  ])('shows a span of %d seconds by its largest unit', (seconds, shown) => {
    expect(showAge(seconds)).toBe(shown);
  });

  it.each([
    [0, '0µs'],
    [0.000012431, '12.4µs'],
    [-0.0034, '-3.4ms'],
    [1.25, '1.25s'],
    [-3600, '-3600s'],
  ])('shows an offset of %d seconds in the unit that fits', (seconds, shown) => {
    expect(showOffset(seconds)).toBe(shown);
  });

  it('counts forwards from the first moment', () => {
    expect(secondsBetween('2026-11-22T13:00:00Z', '2026-11-22T13:02:11Z')).toBe(131);
    expect(secondsBetween('2026-11-22T13:00:01Z', '2026-11-22T13:00:00Z')).toBe(-1);
  });
});
