import { expect, it } from 'vitest';
import { longestGapSeconds } from './jobs.ts';

it.each([
  ['* * * * *', 60],
  ['*/15 * * * *', 900],
  ['5 * * * *', 3600],
  ['0 3 * * *', 86_400],
  ['0 */6 * * *', 21_600],
  ['0 9 * * 1-5', 604_800],
  ['0 0 1 * *', 62 * 86_400],
  ['@hourly', 3600],
  ['@every 90m', 5400],
  ['TZ=Europe/Berlin 0 3 * * *', 86_400],
  ['nonsense', null],
])('knows how long %s may be silent', (schedule, seconds) => {
  expect(longestGapSeconds(schedule)).toBe(seconds);
});
