import { expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { createDriverReader } from '../driver-reader.ts';
import { FactError } from '../fact-error.ts';
import { createHostReader } from '../host-reader.ts';
import { readMemoryControllers } from './edac.ts';

async function controllersOf(...args: Parameters<typeof fixtureHost>) {
  const host = fixtureHost(...args);
  const files = createHostReader(host);
  const found = await readMemoryControllers(files, createDriverReader(host, files.missing));
  return { found, missing: files.missing };
}

it('counts the errors of each controller', async () => {
  expect((await controllersOf('rhel-9')).found).toEqual([
    { controller: 'mc0', name: 'Intel_10nm Socket#0 IMC#0', correctedErrors: 0, uncorrectedErrors: 0 },
    { controller: 'mc1', name: 'Intel_10nm Socket#1 IMC#0', correctedErrors: 1204, uncorrectedErrors: 0 },
  ]);
});

it('is null, never an empty list, where nothing is watched', async () => {
  expect(await controllersOf('debian-12')).toEqual({ found: null, missing: [] });
});

it('is null for a count that does not come, and tells of what was closed', async () => {
  const place = '/sys/devices/system/edac/mc';
  const { found, missing } = await controllersOf('rhel-9', {
    [`${place}/mc0/ce_count`]: new FactError('permission_denied', 'EACCES'),
    [`${place}/mc1/ce_count`]: 'many',
  });
  expect(found?.map(({ correctedErrors }) => correctedErrors)).toEqual([null, null]);
  expect(missing).toEqual([{ what: `${place}/mc0/ce_count`, reason: 'permission_denied', detail: 'EACCES' }]);
  const closed = await controllersOf('rhel-9', { [place]: new FactError('permission_denied', 'EACCES') });
  expect(closed).toMatchObject({ found: null, missing: [{ what: place }] });
});
