import { afterEach, describe, expect, it, vi } from 'vitest';
import { FAILED_SERVICE, type FakeSystemd, fakeSystemd } from '../../test/fake-systemd.ts';
import { createSystemdReader } from './systemd-reader.ts';
import { findWatched } from './systemd-watch.ts';

const HOST = [
  { name: 'chrony.service', active: 'active', aliases: ['chronyd.service'] },
  { name: 'snap.microk8s.daemon-kubelite.service', active: 'active' },
  { name: 'idle.service', isResident: false, properties: { UnitFileState: 'disabled' } },
];
const WATCH = ['chrony', 'chronyd', 'snap.microk8s.daemon-*', 'idle', 'absent', 'getty@'];

const watch = async (fake: FakeSystemd, names: readonly string[] = WATCH) => {
  const reader = createSystemdReader(fake.bus, new AbortController().signal);
  const listed = await reader.list();
  fake.calls.length = 0;
  const { resident, others, missing } = await findWatched(fake.bus, reader, names, listed);
  const words = others.map(({ unit }) => `${unit.name} ${unit.loadState} ${unit.unitFileState}`);
  return { resident: resident.map(({ row }) => row.name).sort(), others: words.sort(), missing };
};
/** Calls for units that are not in memory. */
const costly = (fake: FakeSystemd) =>
  fake.calls.filter(({ path, member }) => member === 'ListUnitsByNames' || path.includes('/unit/'));

afterEach(() => {
  vi.useRealTimers();
});

describe('findWatched', () => {
  it('finds names and patterns, absent units too, and an alias as the one unit it is', async () => {
    expect(await watch(fakeSystemd(HOST))).toEqual({
      resident: ['chrony.service', 'snap.microk8s.daemon-kubelite.service'],
      others: ['absent.service not-found null', 'idle.service loaded disabled'],
      missing: [{ what: 'getty@.service', reason: 'unsupported', detail: expect.stringContaining('template') }],
    });
  });

  it('asks once about what is not in memory, until systemd reloads or a minute has passed', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const fake = fakeSystemd(HOST);
    const first = await watch(fake);
    expect(costly(fake)).not.toEqual([]);
    vi.advanceTimersByTime(59_000);
    expect(await watch(fake)).toEqual(first);
    expect(costly(fake)).toEqual([]);

    fake.manager.UnitsLoadTimestamp = 1_795_355_700_000_000;
    expect(await watch(fake)).toEqual(first);
    expect(costly(fake)).not.toEqual([]);
    expect(await watch(fake)).toEqual(first);
    expect(costly(fake)).toEqual([]);

    vi.advanceTimersByTime(60_001);
    expect(await watch(fake)).toEqual(first);
    expect(costly(fake)).not.toEqual([]);
  });

  it('sees at once that a remembered unit was started', async () => {
    const fake = fakeSystemd(HOST);
    await watch(fake);
    fake.units.set('idle.service', { name: 'idle.service', active: 'active', properties: FAILED_SERVICE });
    fake.units.set('absent.service', { name: 'absent.service', active: 'failed' });
    expect(await watch(fake)).toMatchObject({
      resident: ['absent.service', 'chrony.service', 'idle.service', 'snap.microk8s.daemon-kubelite.service'],
      others: [],
    });
  });

  it('asks again about a unit that was in memory and is no longer', async () => {
    const fake = fakeSystemd(HOST);
    await watch(fake);
    fake.units.delete('chrony.service');
    expect((await watch(fake)).others).toContain('chronyd.service not-found null');
  });

  it('remembers nothing of one host for another', async () => {
    await watch(fakeSystemd(HOST));
    const empty = await watch(fakeSystemd([]), ['idle']);
    expect(empty).toEqual({ resident: [], others: ['idle.service not-found null'], missing: [] });
  });
});
