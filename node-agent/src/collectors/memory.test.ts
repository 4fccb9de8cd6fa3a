import { freemem, totalmem } from 'node:os';
import { MemoryFacts } from '@telemcp/shared/facts/memory';
import { mem } from 'systeminformation';
import { describe, expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { STORE_OPTIONS } from '../../test/sample-facts.ts';
import { FactError } from '../fact-error.ts';
import { createHostRoot, type HostRoot } from '../host-root.ts';
import { createMemoryLook } from './memory.ts';

function collectorOf(now: () => number) {
  const look = createMemoryLook(now);
  return async (host: HostRoot) => {
    const found = await look({ ...STORE_OPTIONS, host, signal: new AbortController().signal });
    return { ...found, data: MemoryFacts.parse(found.data) };
  };
}

const collect = (host: HostRoot) => collectorOf(() => 0)(host);

describe('memory on a fake host root', () => {
  it('Debian 12: some swap used, a killed database, nothing that waits', async () => {
    const { data, missing } = await collect(fixtureHost('debian-12'));
    expect(missing).toEqual([]);
    expect(data).toMatchObject({
      totalBytes: 4_015_432 * 1024,
      usedRatio: 0.5,
      swap: { usedBytes: 25_180 * 1024 },
      paging: null,
      pressureState: 'on',
      memoryPressure: { some: { avg60Ratio: 0 }, full: { totalSeconds: 0.91 } },
      ioPressure: { full: { avg60Ratio: 0.0032 } },
      oomKills: {
        sinceBoot: 1,
        duringInterval: null,
        slices: [{ path: 'system.slice', oomKills: 1 }],
        cgroups: [{ path: 'system.slice/postgresql.slice/postgresql@15-main.service', podUid: null, oomKills: 1 }],
      },
      hungTasks: null,
      memoryControllers: null,
    });
  });

  it('RHEL 9 on a server: idle huge pages, hung tasks, a memory module that is about to go', async () => {
    const { data, missing } = await collect(fixtureHost('rhel-9'));
    expect(missing).toEqual([]);
    expect(data).toMatchObject({
      hugepages: { total: 32, free: 32, sizeBytes: 2 ** 30 },
      pressureState: 'absent',
      memoryPressure: null,
      ioPressure: null,
      oomKills: { sinceBoot: 0, slices: null, cgroups: null },
      hungTasks: 2,
    });
    expect(data.memoryControllers?.map(({ correctedErrors }) => correctedErrors)).toEqual([0, 1204]);
  });

  it('fails as a whole, with advice, without the /proc of the host', async () => {
    const host = fixtureHost('debian-12', { '/proc/meminfo': null });
    await expect(collect(host)).rejects.toMatchObject({ reason: 'not_found', hint: expect.stringContaining('/proc') });
    const garbled = fixtureHost('debian-12', { '/proc/meminfo': 'MemFree: 1 kB\n' });
    await expect(collect(garbled)).rejects.toMatchObject({ reason: 'parse_error' });
  });

  it('never says "no kills" when it could not look', async () => {
    const closed = new FactError('permission_denied', 'EACCES');
    const { data, missing } = await collect(
      fixtureHost('debian-12', { '/proc/vmstat': closed, '/sys/fs/cgroup/cgroup.controllers': closed }),
    );
    expect(data.oomKills).toEqual({ sinceBoot: null, duringInterval: null, slices: null, cgroups: null });
    expect(missing?.map(({ what }) => what)).toEqual(['/proc/vmstat', '/sys/fs/cgroup/cgroup.controllers']);
  });

  it('knows pressure that is switched off from pressure that could not be read', async () => {
    const off = new FactError('unsupported', 'EOPNOTSUPP');
    const { data, missing } = await collect(
      fixtureHost('debian-12', { '/proc/pressure/memory': off, '/proc/pressure/io': off }),
    );
    expect(data).toMatchObject({ pressureState: 'off', memoryPressure: null, ioPressure: null });
    expect(missing).toEqual([]);
  });
});

describe('two collections', () => {
  const vmstat = (swapIn: number, kills: number) =>
    fixtureHost('debian-12', {
      '/proc/vmstat': `nr_anon_pages 325037\npswpin ${swapIn}\npswpout 4\npgmajfault 7\noom_kill ${kills}\n`,
    });

  it.each([
    [999, null],
    [1000, 1],
    [300_000, 300],
    [300_001, null],
  ])('%i ms apart tell what happened in between: over %s s', async (age, seconds) => {
    let at = 0;
    const again = collectorOf(() => at);
    expect((await again(vmstat(0, 1))).data.paging).toBeNull();
    at = age;
    const { data } = await again(vmstat(600, 3));
    expect(data.paging).toEqual(
      seconds === null
        ? null
        : {
            intervalSeconds: seconds,
            swapInBytesPerSecond: Math.round(((600 * 4096) / seconds) * 10) / 10,
            swapOutBytesPerSecond: 0,
            majorFaultsPerSecond: 0,
          },
    );
    expect(data.oomKills.duringInterval).toBe(seconds === null ? null : 2);
  });

  it('with a restart in between tell nothing, rather than less than zero', async () => {
    let at = 0;
    const again = collectorOf(() => at);
    await again(vmstat(600, 3));
    at = 5000;
    const { data } = await again(vmstat(1, 0));
    expect(data.paging?.swapInBytesPerSecond).toBeNull();
    expect(data.oomKills).toMatchObject({ sinceBoot: 0, duringInterval: null });
  });
});

describe('on this machine', () => {
  it('says what systeminformation and node:os say', async () => {
    const { data } = await collect(createHostRoot('/', new AbortController().signal));
    const other = await mem();
    expect(data.totalBytes).toBe(other.total);
    expect(data.totalBytes).toBe(totalmem());
    expect(data.swap.totalBytes).toBe(other.swaptotal);
    // What other programs took or gave back between the two looks.
    const margin = Math.max(data.totalBytes * 0.1, 256 * 2 ** 20);
    const near = (ours: number | null, theirs: number) => Math.abs((ours ?? Number.NaN) - theirs) < margin;
    expect(near(data.availableBytes, other.available)).toBe(true);
    expect(near(data.availableBytes, freemem())).toBe(true);
    expect(near(data.freeBytes, other.free)).toBe(true);
    expect(near(data.cachedBytes, other.cached)).toBe(true);
    expect(near(data.buffersBytes, other.buffers)).toBe(true);
    expect(near(data.slabReclaimableBytes, other.reclaimable)).toBe(true);
    expect(near(data.dirtyBytes, other.dirty ?? 0)).toBe(true);
    expect(near(data.swap.usedBytes, other.swapused)).toBe(true);
  });
});
