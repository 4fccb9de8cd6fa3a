import { describe, expect, it } from 'vitest';
import type { FakeAgentOptions } from '../../../test/fake-agent.ts';
import { askStorage, goldenDisk } from '../../../test/storage-fleet.ts';

const sound = [goldenDisk('sda'), goldenDisk('nvme0n1'), goldenDisk('dm-0')];
const having = (...disks: ReturnType<typeof goldenDisk>[]): FakeAgentOptions => ({
  facts: { disks: (facts) => ({ ...facts, disks }) },
});
const rates = goldenDisk('sda').rates;

describe('host.facts of disks', () => {
  it('tells one node within 400 tokens', async () => {
    const asked = await askStorage({ family: 'disks', node: 'node-0001' }, [{}]);
    expect(asked.tokens).toBeLessThanOrEqual(400);
    expect(asked.answer.summary).toBe('6 disks, 2 in trouble; rates over 15s');
  });

  it('of a hundred nodes tells those in trouble within 400 tokens', async () => {
    const fleet = Array.from({ length: 100 }, () => having(...sound));
    for (const index of [3, 17, 40]) fleet[index] = having(goldenDisk('md127'), ...sound);
    fleet[60] = having(goldenDisk('sda', { state: 'offline' }), goldenDisk('nvme0n1'));
    const asked = await askStorage({ family: 'disks' }, fleet);
    expect(asked.tokens).toBeLessThanOrEqual(400);
    expect(asked.answer.summary).toBe('302 disks on 100 nodes, 4 in trouble on 4 nodes');
    expect(asked.text).toContain('node-0061 sda 4% is offline');
    expect(asked.text).toContain('1 nvme, 1 scsi: node-0061');
  });

  it('of a hundred nodes of which a quarter has trouble tells some and counts all', async () => {
    const fleet = Array.from({ length: 100 }, (_, index) =>
      index % 4 === 0 ? having(goldenDisk('md127'), ...sound) : having(...sound),
    );
    const asked = await askStorage({ family: 'disks' }, fleet);
    expect(asked.tokens).toBeLessThanOrEqual(400);
    expect(asked.answer.summary).toBe('325 disks on 100 nodes, 25 in trouble on 25 nodes');
    expect(asked.text).toMatch(/6 of 25/);
  });

  it('is short where nothing is wrong', async () => {
    const asked = await askStorage(
      { family: 'disks' },
      Array.from({ length: 100 }, () => having(...sound)),
    );
    expect(asked.tokens).toBeLessThanOrEqual(150);
    expect(asked.answer.summary).toBe('300 disks on 100 nodes, none in trouble');
  });

  it.each([
    ['stuck', { utilizationRatio: 1, averageWaitMs: null }, 4, '4 requests stuck'],
    ['slow', { utilizationRatio: 0.99, averageWaitMs: 250 }, 1, 'slow'],
    ['busy but quick', { utilizationRatio: 1, averageWaitMs: 0.4 }, 8, null],
    ['idle', { utilizationRatio: 0, averageWaitMs: null }, 0, null],
  ])('a disk that is %s', async (_, change, inFlight, trouble) => {
    const disk = goldenDisk('sda');
    const changed = { ...disk, counters: { ...disk.counters, inFlight }, rates: rates && { ...rates, ...change } };
    const asked = await askStorage({ family: 'disks', node: 'node-0001' }, [having(changed)]);
    expect(asked.answer.tables[0]?.rows[0]?.[6]).toBe(trouble);
  });

  it('says that there are no rates yet, and shows none', async () => {
    const first: FakeAgentOptions = {
      facts: { disks: (facts) => ({ ...facts, intervalSeconds: null, disks: [goldenDisk('sda', { rates: null })] }) },
    };
    const asked = await askStorage({ family: 'disks', node: 'node-0001' }, [first]);
    expect(asked.answer.summary).toBe('1 disk, none in trouble; rates from the next look on');
    expect(asked.answer.tables[0]?.rows[0]?.slice(2, 6)).toEqual([null, null, null, null]);
  });

  it('names a controller that is dead or too hot', async () => {
    const nvme = { name: 'nvme1', state: 'dead', model: null, firmware: null, transport: 'pcie' };
    const hot = { ...nvme, name: 'nvme2', state: 'live', temperatureCelsius: 79, criticalCelsius: 80 };
    const controllers = [{ ...nvme, temperatureCelsius: null, criticalCelsius: 80 }, hot];
    const asked = await askStorage({ family: 'disks' }, [
      { facts: { disks: (facts) => ({ ...facts, nvmeControllers: controllers }) } },
      having(...sound),
    ]);
    expect(asked.text).toContain('node-0001 nvme1 - is dead');
    expect(asked.text).toContain('79°C, critical from 80°C');
  });
});
