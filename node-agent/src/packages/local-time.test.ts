import { expect, test } from 'vitest';
import { fromLocalTime } from './local-time.ts';

test.each([
  ['2024-10-02 06:12:34', 'Europe/Berlin', '2024-10-02T04:12:34.000Z'],
  ['2024-12-02 06:12:34', 'Europe/Berlin', '2024-12-02T05:12:34.000Z'],
  ['2024-10-02 06:12:34', 'Etc/UTC', '2024-10-02T06:12:34.000Z'],
  ['2024-07-01 00:00:00', 'America/St_Johns', '2024-07-01T02:30:00.000Z'],
  ['2024-01-01 00:30:00', 'Pacific/Kiritimati', '2023-12-31T10:30:00.000Z'],
  ['2024-10-27 03:30:00', 'Europe/Berlin', '2024-10-27T02:30:00.000Z'],
  ['2024-02-31 00:00:00', 'Nowhere/Else', null],
  ['yesterday', 'Europe/Berlin', null],
])('%s in %s is %s', (reading, zone, moment) => {
  expect(fromLocalTime(reading, zone)).toBe(moment);
});

test('of an hour that comes twice it is one of the two', () => {
  const moment = fromLocalTime('2024-10-27 02:30:00', 'Europe/Berlin');
  expect(['2024-10-27T00:30:00.000Z', '2024-10-27T01:30:00.000Z']).toContain(moment);
});
