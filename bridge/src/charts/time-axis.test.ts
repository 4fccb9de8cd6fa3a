import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { showClock, showPeriod, timeTicks } from './time-axis.ts';

const at = (iso: string) => Date.parse(iso) / 1000;
const END = at('2026-03-01T12:00:00Z');
const labels = (span: number) => timeTicks(END - span, END, 10).map(({ label }) => label);

describe('timeTicks', () => {
  it.each([
    ['a second', 1, ['11:59:59.000', '11:59:59.200', '11:59:59.400', '11:59:59.600', '11:59:59.800', '12:00:00.000']],
    ['a minute', 60, ['11:59:00', '11:59:10', '11:59:20', '11:59:30', '11:59:40', '11:59:50', '12:00:00']],
    ['an hour', 3600, ['11:00', '11:10', '11:20', '11:30', '11:40', '11:50', '12:00']],
    ['a day', 86_400, ['12:00', '15:00', '18:00', '21:00', 'Mar 1', '03:00', '06:00', '09:00', '12:00']],
    ['a week', 7 * 86_400, ['Feb 23', 'Feb 24', 'Feb 25', 'Feb 26', 'Feb 27', 'Feb 28', 'Mar 1']],
    ['a month, on Mondays', 30 * 86_400, ['Feb 2', 'Feb 9', 'Feb 16', 'Feb 23']],
    [
      'two years',
      730 * 86_400,
      ['2024-04-29', '2024-07-29', '2024-10-28', '2025-01-27', '2025-04-28', '2025-07-28', '2025-10-27', '2026-01-26'],
    ],
  ])('%s', (_, span, expected) => {
    expect(labels(span)).toEqual(expected);
  });

  it('lie inside, are few, and differ', () => {
    const time = fc.double({ noNaN: true, min: 0, max: 7e9 });
    fc.assert(
      fc.property(time, fc.double({ noNaN: true, min: 0.01, max: 3e9 }), (from, span) => {
        const ticks = timeTicks(from, from + span, 10);
        expect(ticks.length).toBeLessThanOrEqual(11);
        for (const tick of ticks) {
          expect(tick.at).toBeGreaterThanOrEqual(from - span * 1e-3 - 1e-3);
          expect(tick.at).toBeLessThanOrEqual(from + span * 1.001 + 1e-3);
          expect(tick.label).not.toBe('');
        }
      }),
    );
  });
});

it('says a period with the date once where it is one day', () => {
  expect(showPeriod(END - 3600, END)).toBe('2026-03-01 11:00 to 12:00 UTC');
  expect(showPeriod(END - 86_400, END)).toBe('2026-02-28 12:00 to 2026-03-01 12:00 UTC');
  expect(showPeriod(END - 90, END)).toBe('2026-03-01 11:58:30 to 12:00:00 UTC');
});

it('says a moment of another day with its date', () => {
  expect(showClock(END - 60, END)).toBe('11:59');
  expect(showClock(END - 86_400, END)).toBe('2026-02-28 12:00');
});
