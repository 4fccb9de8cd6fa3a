import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { mutatedText } from '../../test/mutated-text.ts';
import { isVirtual, kindOf, looksLikePartition, parseDiskStats } from './diskstats.ts';

it('reads a line in full', async () => {
  const found = parseDiskStats(await fixtureHost('debian-12').readText('/proc/diskstats'));
  expect(found).toHaveLength(8);
  expect(found[0]).toEqual({
    device: '254:0',
    name: 'vda',
    counters: {
      readsCompleted: 153_964,
      readBytes: 6_906_522 * 512,
      writesCompleted: 41_496,
      writtenBytes: 8_187_440 * 512,
      busySeconds: 53.36,
      waitSeconds: 549.827,
      inFlight: 0,
    },
  });
});

it('takes lines of kernels before 4.18, which count no discards, and leaves out what is none', () => {
  const old = '   8       0 sda 100 1 800 50 200 2 1600 70 3 90 120';
  expect(parseDiskStats(`${old}\n   8       1 sda1 1 2 3 4\nx 0 sdb 1 1 1 1 1 1 1 1 1 1 1\n`)).toMatchObject([
    { name: 'sda', counters: { inFlight: 3, busySeconds: 0.09 } },
  ]);
});

it('has sound numbers or no row for any damage', async () => {
  const text = await fixtureHost('rhel-9').readText('/proc/diskstats');
  fc.assert(
    fc.property(mutatedText(text), (mutated) => {
      for (const { counters } of parseDiskStats(mutated)) {
        if (!Object.values(counters).every((value) => Number.isFinite(value) && value >= 0)) throw new Error(mutated);
      }
    }),
    { numRuns: 10_000 },
  );
}, 20_000);

it.each([
  ['sda', 'scsi', false],
  ['sdaa12', 'other', true],
  ['nvme0n1', 'nvme', false],
  ['nvme0n1p2', 'nvme', true],
  ['vdb', 'virtio', false],
  ['vdb1', 'other', true],
  ['xvda', 'xen', false],
  ['mmcblk0', 'mmc', false],
  ['mmcblk0p1', 'mmc', true],
  ['dm-12', 'device_mapper', false],
  ['md127', 'md_raid', false],
  ['md_d0', 'md_raid', false],
  ['rbd0', 'other', false],
  ['cciss/c0d0', 'other', false],
])('%s is %s', (name, kind, isPartition) => {
  expect(kindOf(name)).toBe(kind);
  expect(looksLikePartition(name)).toBe(isPartition);
  expect(isVirtual(name)).toBe(false);
});

it.each(['loop0', 'ram15', 'zram0', 'sr0', 'fd0', 'nbd3', 'mmcblk0boot1', 'mmcblk0rpmb'])('%s is no disk', (name) => {
  expect(isVirtual(name)).toBe(true);
});
