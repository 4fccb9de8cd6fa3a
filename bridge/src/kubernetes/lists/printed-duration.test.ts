import fc from 'fast-check';
import { expect, it } from 'vitest';
import { secondsOf, shortSpan } from './printed-duration.ts';

it.each([
  ['0s', 0, '0s'],
  ['8m57s', 537, '8m'],
  ['2d3h', 183_600, '2d'],
  ['5y120d', 168_048_000, '5y'],
  ['<unknown>', null, '<unknown>'],
  ['<invalid>', null, '<invalid>'],
  ['', null, ''],
  ['v1', null, 'v1'],
])('reads %s', (printed, seconds, short) => {
  expect(secondsOf(printed)).toBe(seconds);
  expect(shortSpan(printed)).toBe(short);
});

it('leaves everything else as it is', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      if (secondsOf(text) === null) expect(shortSpan(text)).toBe(text);
    }),
  );
});
