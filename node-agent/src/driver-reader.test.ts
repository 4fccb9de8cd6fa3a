import type { Missing } from '@telemcp/shared/envelope';
import { expect, it } from 'vitest';
import { fixtureHost } from '../test/fixture-host.ts';
import { createDriverReader } from './driver-reader.ts';
import { FactError } from './fact-error.ts';

const FILE = '/sys/devices/system/edac/mc/mc0/ce_count';

it.each([
  ['12', 12],
  ['-7\n', -7],
  ['', null],
  ['12 apples', null],
  [new FactError('read_error', 'EBUSY'), null],
  [null, null],
])('%s is the number %s and no gap', async (stands, number) => {
  const missing: Missing[] = [];
  const driver = createDriverReader(fixtureHost('rhel-9', { [FILE]: stands }), missing);
  expect(await driver.number(FILE)).toBe(number);
  expect(missing).toEqual([]);
});

it('tells what it was kept from', async () => {
  const missing: Missing[] = [];
  const host = fixtureHost('rhel-9', { [FILE]: new FactError('permission_denied', 'EACCES') });
  expect(await createDriverReader(host, missing).number(FILE)).toBeNull();
  expect(missing).toEqual([{ what: FILE, reason: 'permission_denied', detail: 'EACCES' }]);
});

it('shows no control characters of a driver', async () => {
  const host = fixtureHost('rhel-9', { [FILE]: 'zone\u001b[31m \u202e1\n' });
  expect(await createDriverReader(host, []).text(FILE)).toBe('zone 1');
});
