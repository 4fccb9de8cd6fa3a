import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nanosecondsOf, showNanoseconds } from './nanoseconds.ts';
import { parseWindow, showLength } from './query-window.ts';

const now = new Date('2026-11-22T13:00:00Z');
const show = (args: { since?: string; until?: string }) => {
  const { start, end } = parseWindow(args, now);
  return [showNanoseconds(start), showNanoseconds(end)];
};

describe('parseWindow', () => {
  it.each([
    [{}, '2026-11-22T12:00:00Z', '2026-11-22T13:00:00Z'],
    [{ since: '15m' }, '2026-11-22T12:45:00Z', '2026-11-22T13:00:00Z'],
    [{ since: '-15m' }, '2026-11-22T12:45:00Z', '2026-11-22T13:00:00Z'],
    [{ since: '90' }, '2026-11-22T12:58:30Z', '2026-11-22T13:00:00Z'],
    [{ since: 'last 2 hours' }, '2026-11-22T11:00:00Z', '2026-11-22T13:00:00Z'],
    [{ until: '1h' }, '2026-11-22T11:00:00Z', '2026-11-22T12:00:00Z'],
    [{ until: '-1h', since: '5m' }, '2026-11-22T11:55:00Z', '2026-11-22T12:00:00Z'],
    [{ until: '-15m', since: '-20m' }, '2026-11-22T12:40:00Z', '2026-11-22T12:45:00Z'],
    [{ until: '1h ago', since: 'now-2h' }, '2026-11-22T11:00:00Z', '2026-11-22T12:00:00Z'],
    [{ until: 'now', since: '2026-11-22T12:30:00+00:00' }, '2026-11-22T12:30:00Z', '2026-11-22T13:00:00Z'],
    [{ since: '2026-11-21', until: '2026-11-22' }, '2026-11-21T00:00:00Z', '2026-11-22T00:00:00Z'],
    [{ since: '2026-11-22T12:00:00.000000001Z' }, '2026-11-22T12:00:00.000000001Z', '2026-11-22T13:00:00Z'],
    [{ since: '1795350946511000001' }, '2026-11-22T12:35:46.511000001Z', '2026-11-22T13:00:00Z'],
  ])('%j', (args, start, end) => {
    expect(show(args)).toEqual([start, end]);
  });

  it.each([
    [{ since: 'yesteryear' }, /^since: .*neither a span nor a moment/],
    [{ until: 'soon' }, /^until: .*neither/],
    [{ since: '2026-11-22T14:00:00Z' }, /^since: the window would begin after it ends/],
    [{ since: '-5m', until: '-1h' }, /^since: the window would begin after it ends/],
    [{ since: '2026-11-22T12:00:00Z', until: '2026-11-22T12:00:00Z' }, /^since: the window would begin when it ends/],
  ])('refuses %j and says which argument', (args, message) => {
    expect(() => parseWindow(args, now)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', message: expect.stringMatching(message) }),
    );
  });

  it('reads every moment that is shown, to the nanosecond', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1_000_000_000_000_000_000n, max: nanosecondsOf(now) - 1n }), (time) => {
        expect(parseWindow({ since: showNanoseconds(time) }, now).start).toBe(time);
      }),
    );
  });

  it('says how long it is', () => {
    expect(showLength(parseWindow({ since: '1h30m' }, now))).toBe('1h30m');
  });
});
