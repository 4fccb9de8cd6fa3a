import { readdirSync, readFileSync } from 'node:fs';
import { DiskFacts } from '@telemcp/shared/facts/disks';
import { describe, expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { STORE_OPTIONS, silentBus } from '../../test/sample-facts.ts';
import { FactError } from '../fact-error.ts';
import { createHostRoot, type HostRoot } from '../host-root.ts';
import { collectDisks, type DiskMemory, disks } from './disks.ts';

const signal = new AbortController().signal;

const forgetful = (): DiskMemory => ({ sample: null, descriptions: new Map() });

async function collect(host: HostRoot, memory: DiskMemory = forgetful(), nowSeconds = 1000) {
  const found = await collectDisks({ host }, memory, nowSeconds);
  const data = DiskFacts.parse(found.data);
  return { ...found, data, named: (name: string) => data.disks.find((disk) => disk.name === name) };
}

describe('disks of fixtures', () => {
  it('RHEL 9: disks, mirror, volumes and NVMe, the degraded mirror first, no partitions', async () => {
    const { data, missing, total } = await collect(fixtureHost('rhel-9'));
    expect(missing).toEqual([]);
    expect(total).toBe(7);
    expect(data.disks.map(({ name }) => name)).toEqual(['md127', 'dm-0', 'dm-1', 'dm-2', 'nvme0n1', 'sda', 'sdb']);
    expect(data.excluded).toEqual({ partitions: 4, virtual: 1 });
    expect(data.nvmeControllers).toHaveLength(1);
    expect(data).toMatchObject({ intervalSeconds: null });
    expect(data.disks.every(({ rates }) => rates === null)).toBe(true);
  });

  it('k3s: an offline disk first; eMMC boot areas and zram are no disks', async () => {
    const { data } = await collect(fixtureHost('k3s'));
    expect(data.disks.map(({ name, state }) => [name, state])).toEqual([
      ['sda', 'offline'],
      ['mmcblk0', null],
    ]);
    expect(data.excluded).toEqual({ partitions: 3, virtual: 2 });
  });
});

describe('rates of disks', () => {
  const line = (reads: number, busyMs: number) =>
    ` 254 0 vda ${reads} 0 ${reads * 8} ${reads * 2} 0 0 0 0 1 ${busyMs} 0`;
  const at = (text: string, overrides = {}) => fixtureHost('debian-12', { '/proc/diskstats': text, ...overrides });

  it('are of the time since the last collection', async () => {
    const memory = forgetful();
    await collect(at(line(100, 1000)), memory, 1000);
    const { data, named } = await collect(at(line(300, 6000)), memory, 1020);
    expect(data.intervalSeconds).toBe(20);
    expect(named('vda')?.rates).toEqual({
      utilizationRatio: 0.25,
      readsPerSecond: 10,
      writesPerSecond: 0,
      readBytesPerSecond: 40_960,
      writtenBytesPerSecond: 0,
      averageWaitMs: 2,
      ioErrors: null,
    });
  });

  it('are null after a long pause, for a disk that is new, and for one that was replaced', async () => {
    const memory = forgetful();
    await collect(at(line(100, 1000)), memory, 1000);
    const late = await collect(at(line(300, 6000)), memory, 1100);
    expect([late.data.intervalSeconds, late.named('vda')?.rates]).toEqual([null, null]);
    const newcomer = ' 254 16 vdb 9 0 72 9 0 0 0 0 0 9 9';
    const next = await collect(at(`${line(2, 10)}\n${newcomer}`), memory, 1110);
    expect(next.data.intervalSeconds).toBe(10);
    expect(next.data.disks.map(({ name, rates }) => [name, rates])).toEqual([
      ['vda', null],
      ['vdb', null],
    ]);
  });
});

it('what a disk is stands for a minute, how it is never, and another disk in its place is looked at anew', async () => {
  const memory = forgetful();
  const root = '/sys/block/sda';
  const at = (seconds: number, overrides = {}) => collect(fixtureHost('rhel-9', overrides), memory, 1000 + seconds);
  await at(0);
  const changed = { [`${root}/device/state`]: 'offline', [`${root}/size`]: '2048', [`${root}/device/model`]: 'OTHER' };
  expect((await at(10, changed)).named('sda')).toMatchObject({ state: 'offline', model: 'SAMSUNG MZ7L3480' });
  expect((await at(60, changed)).named('sda')).toMatchObject({ sizeBytes: 1_048_576, model: 'OTHER' });
  const swapped = '   8       0 sda 3 0 24 1 0 0 0 0 0 1 1';
  const { named } = await at(65, { '/proc/diskstats': swapped });
  expect(named('sda')).toMatchObject({ model: 'SAMSUNG MZ7L3480', rates: null });
});

describe('what could not be looked at', () => {
  it('counters: the whole family', async () => {
    await expect(collect(fixtureHost('debian-12', { '/proc/diskstats': null }))).rejects.toMatchObject({
      reason: 'not_found',
    });
    await expect(collect(fixtureHost('debian-12', { '/proc/diskstats': 'x' }))).rejects.toMatchObject({
      reason: 'parse_error',
    });
  });

  it('/sys: names decide what a partition is, and the gap is said', async () => {
    const { data, missing } = await collect(fixtureHost('debian-12', { '/sys/block': null }));
    expect(data.disks.map(({ name }) => name)).toEqual(['vda', 'vdb', 'vdc']);
    expect(data.excluded).toEqual({ partitions: 3, virtual: 2 });
    expect(missing).toMatchObject([{ what: '/sys/block', reason: 'not_found' }]);
    const denied = new FactError('permission_denied', '/sys/block: EACCES');
    expect((await collect(fixtureHost('debian-12', { '/sys/block': denied }))).missing).toHaveLength(1);
  });

  it('a file of one disk: said at every look, not only at the first', async () => {
    const memory = forgetful();
    const denied = new FactError('permission_denied', '/sys/block/sda/size: EACCES');
    const host = fixtureHost('rhel-9', { '/sys/block/sda/size': denied });
    for (const seconds of [1000, 1010]) {
      const { named, missing } = await collect(host, memory, seconds);
      expect(named('sda')?.sizeBytes).toBeNull();
      expect(missing).toMatchObject([{ what: '/sys/block/sda/size', reason: 'permission_denied' }]);
    }
  });

  it('a machine without any disk has none', async () => {
    expect((await collect(fixtureHost('debian-12', { '/proc/diskstats': '' }))).data.disks).toEqual([]);
  });
});

it('of this machine are those in /sys/block, with the counters of their own stat files', async () => {
  const host = createHostRoot('/', signal);
  const found = await disks.collect({ host, bus: silentBus, settings: STORE_OPTIONS.settings, signal });
  const whole = readdirSync('/sys/block').filter((name) => !/^(loop|ram|zram|sr|fd|nbd)\d/.test(name));
  const names = DiskFacts.parse(found.data).disks.map(({ name }) => name);
  expect(names.toSorted()).toEqual(whole.toSorted());
  for (const { name, counters, sizeBytes } of found.data.disks) {
    const [reads, , sectors] = readFileSync(`/sys/block/${name}/stat`, 'utf8').trim().split(/ +/).map(Number);
    // Others read from this disk between the two looks.
    expect(counters.readsCompleted).toBeLessThanOrEqual(reads ?? 0);
    expect(counters.readBytes).toBeLessThanOrEqual((sectors ?? 0) * 512);
    expect(counters.readsCompleted).toBeGreaterThan((reads ?? 0) * 0.9 - 1000);
    expect(sizeBytes).toBe(Number(readFileSync(`/sys/block/${name}/size`, 'utf8')) * 512);
  }
});
