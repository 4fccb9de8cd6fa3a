import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { createHostReader } from '../host-reader.ts';
import { describeDevice, parseSyncCompleted, readDeviceState } from './device-files.ts';

async function device(root: string, name: string, overrides = {}) {
  const files = createHostReader(fixtureHost(root, overrides));
  return { ...(await describeDevice(files, name)), ...(await readDeviceState(files, name)) };
}

it('a SATA disk: model without the vendor that all of them have, state and errors', async () => {
  expect(await device('rhel-9', 'sdb')).toEqual({
    kind: 'scsi',
    mappedName: null,
    model: 'SAMSUNG MZ7L3480',
    sizeBytes: 937_703_088 * 512,
    rotational: false,
    readOnly: false,
    state: 'running',
    ioErrors: 28,
    raid: null,
  });
});

it('a disk behind USB that went away', async () => {
  const found = { model: 'Seagate Portable', state: 'offline', ioErrors: 47, readOnly: true, rotational: true };
  expect(await device('k3s', 'sda')).toMatchObject(found);
});

it('a degraded mirror under repair', async () => {
  expect((await device('rhel-9', 'md127')).raid).toEqual({
    level: 'raid1',
    arrayState: 'active',
    disks: 2,
    degraded: 1,
    syncAction: 'recover',
    syncProgressRatio: 0.5,
  });
});

it('an array being reshaped counts the disks it is to have, one without redundancy has none to lose', async () => {
  const md = '/sys/block/md127/md';
  expect((await device('rhel-9', 'md127', { [`${md}/raid_disks`]: '4 (3)' })).raid?.disks).toBe(4);
  const raid0 = { [`${md}/degraded`]: null, [`${md}/sync_action`]: null, [`${md}/sync_completed`]: null };
  expect((await device('rhel-9', 'md127', raid0)).raid).toMatchObject({ degraded: null, syncAction: null });
});

it('device mapper, NVMe, eMMC and virtio say what they have', async () => {
  expect(await device('rhel-9', 'dm-0')).toMatchObject({ mappedName: 'rhel-root', state: 'active', model: null });
  const suspended = { '/sys/block/dm-0/dm/suspended': '1' };
  expect(await device('rhel-9', 'dm-0', suspended)).toMatchObject({ state: 'suspended' });
  const model = 'Dell Ent NVMe v2 AGN MU U.2 1.6TB';
  expect(await device('rhel-9', 'nvme0n1')).toMatchObject({ model, state: 'live', ioErrors: null });
  expect(await device('k3s', 'mmcblk0')).toMatchObject({ kind: 'mmc', model: 'SC64G' });
  expect(await device('debian-12', 'vda')).toMatchObject({ kind: 'virtio', sizeBytes: 34_359_738_368, model: null });
});

it('what is absent, or is no number, is null', async () => {
  expect(await device('debian-12', 'vdz')).toMatchObject({ sizeBytes: null, rotational: null, readOnly: null });
  const odd = { '/sys/block/sda/size': '-1', '/sys/block/sda/device/ioerr_cnt': 'many', '/sys/block/sda/ro': '2' };
  expect(await device('rhel-9', 'sda', odd)).toMatchObject({ sizeBytes: null, ioErrors: null, readOnly: null });
});

it.each([
  ['1048576 / 2095104', 0.5],
  ['none', null],
  ['delayed', null],
  ['0 / 0', null],
  ['7 / 3', null],
])('progress %s', (text, ratio) => {
  expect(parseSyncCompleted(text) === null ? null : Number(parseSyncCompleted(text)?.toFixed(1))).toBe(ratio);
});

it('progress of anything is a ratio or null', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^\d{0,20} ?\/ ?\d{0,20}$/));
  fc.assert(
    fc.property(text, (value) => {
      const ratio = parseSyncCompleted(value);
      expect(ratio === null || (ratio >= 0 && ratio <= 1)).toBe(true);
    }),
  );
});
