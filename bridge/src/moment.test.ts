import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration, parseSince, parseTime } from './moment.ts';

const now = new Date('2026-03-01T12:00:00Z');

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
    ['1.5h', 5400],
    ['1 h', 3600],
    ['90 minutes', 5400],
    ['2 days and 3 hours', 183_600],
    ['1h 30 min', 5400],
    ['24hrs', 86_400],
    ['last 7 days', 604_800],
    ['the past hour', 3600],
    ['an hour', 3600],
    ['day', 86_400],
  ])('%s is %d s', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  // A month has no length; M is a month to some and a minute to others.
  it.each(['', 'h', '1m1h', '1h1h', '-1h', '5M', '1 month', '1 fortnight', '1h30', 'NaN', '1e3', 'last', 'last 5'])(
    '%j is none',
    (text) => {
      expect(parseDuration(text)).toBeNull();
    },
  );

  it.each(['1h'.repeat(8000), `${'1h '.repeat(5000)}!`, `${' '.repeat(16_000)}!`, '1 and '.repeat(2600)])(
    'of any length is read to its end (%#)',
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
    ['2026-02-28T23:00:00', '2026-02-28T23:00:00.000Z'],
    ['2026-02-28 23:00', '2026-02-28T23:00:00.000Z'],
    ['2026-02-28 23:00:30 UTC', '2026-02-28T23:00:30.000Z'],
    ['2026-02-28', '2026-02-28T00:00:00.000Z'],
    ['11:58:30Z', '2026-03-01T11:58:30.000Z'],
    ['23:00', '2026-02-28T23:00:00.000Z'],
    ['today', '2026-03-01T00:00:00.000Z'],
    ['yesterday', '2026-02-28T00:00:00.000Z'],
    ['10m ago', '2026-03-01T11:50:00.000Z'],
    ['2 hours ago', '2026-03-01T10:00:00.000Z'],
    ['1772366400000', '2026-03-01T12:00:00.000Z'],
    ['1772366400000000000', '2026-03-01T12:00:00.000Z'],
  ])('%s is %s', (text, expected) => {
    expect(parseTime(text, now).toISOString()).toBe(expected);
  });

  it.each(['', 'tomorrow', '2026-13-40T00:00:00Z', '2026-02-28T', '25:00', '10m', '1h from now', '-x', '-', 'ago'])(
    '%j is refused with what would be right',
    (text) => {
      expect(() => parseTime(text, now)).toThrow(
        expect.objectContaining({ code: 'invalid_argument', hint: expect.stringContaining('RFC 3339') }),
      );
    },
  );

  it('is a time or refused as one, whatever the text', () => {
    const pieces = fc.array(fc.constantFrom('now', '-', '+', '1', '30', 'm', 'h', ' ', ':', 'T', 'Z', '2026', 'ago'), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(pieces, (parts) => {
        try {
          expect(parseTime(parts.join(''), now).getTime()).not.toBeNaN();
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_argument' });
        }
      }),
    );
  });
});

describe('since', () => {
  const now = new Date('2026-11-22T13:02:11Z');

  it.each([
    ['1h', '2026-11-22T12:02:11.000Z'],
    ['-1h', '2026-11-22T12:02:11.000Z'],
    ['now-90s', '2026-11-22T13:00:41.000Z'],
    ['2d12h', '2026-11-20T01:02:11.000Z'],
    ['90', '2026-11-22T13:00:41.000Z'],
    ['2026-11-22T12:00:00Z', '2026-11-22T12:00:00.000Z'],
    ['2026-11-22T14:00:00+02:00', '2026-11-22T12:00:00.000Z'],
    ['1795348800', '2026-11-22T12:00:00.000Z'],
    ['1 hour ago', '2026-11-22T12:02:11.000Z'],
    ['yesterday', '2026-11-21T00:00:00.000Z'],
  ])('takes %s', (text, start) => {
    expect(parseSince(text, now).toISOString()).toBe(start);
  });

  it.each(['tomorrow', '', '2026-11-22T', '+1h', '5x'])('refuses %j by name', (text) => {
    expect(() => parseSince(text, now)).toThrow(
      expect.objectContaining({ message: expect.stringContaining('since: ') }),
    );
  });

  it('refuses a moment still to come', () => {
    expect(() => parseSince('2027-01-01T00:00:00Z', now)).toThrow(/still to come/);
  });
});
