import { TimeFacts } from '@telemcp/shared/facts/time';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { time } from '../node-agent/src/collectors/time.ts';
import { FactError } from '../node-agent/src/fact-error.ts';
import { createHostRoot } from '../node-agent/src/host-root.ts';
import { askChrony } from '../node-agent/src/time/chrony.ts';
import { brokenBus } from '../node-agent/test/scripted-bus.ts';
import { type Chronyd, chronydUnavailable, freeUdpPort, startChronyd } from './real/chronyd.ts';

const unavailable = chronydUnavailable();
const isSkipped = unavailable !== null && process.env.TELEMCP_TEST_NO_SKIP === undefined;
const signal = new AbortController().signal;

async function collect(port: number) {
  const found = await time.collect({
    host: createHostRoot('/', signal),
    bus: brokenBus(new FactError('unreachable', 'no bus in this test')),
    settings: {
      nodeName: 'test',
      certificatePaths: undefined,
      watchUnits: undefined,
      chronyAddress: { host: '127.0.0.1', port },
    },
    signal,
  });
  return { ...found, data: TimeFacts.parse(found.data) };
}

/** For what changes all the time: chronyc was asked before and after. It prints nanoseconds. */
function expectBetween(value: number, before: number | undefined, after: string | undefined): void {
  const ends = [Number(before), Number(after)];
  expect(value).toBeGreaterThanOrEqual(Math.min(...ends) - 1e-8);
  expect(value).toBeLessThanOrEqual(Math.max(...ends) + 1e-8);
}

describe.skipIf(isSkipped)(`a real chronyd${unavailable === null ? '' : ` (${unavailable})`}`, () => {
  let alone: Chronyd;
  let follower: Chronyd;
  const report = () => askChrony({ host: '127.0.0.1', port: follower.cmdPort }, signal);

  beforeAll(async () => {
    if (unavailable !== null) throw new Error(unavailable);
    alone = await startChronyd(['local stratum 8', 'port NTP_PORT', 'allow 127.0.0.0/8']);
    // The correction makes the virtual clock of `-x` 50 ms too fast.
    const server = `server 127.0.0.1 port ${alone.ntpPort} iburst minpoll 0 maxpoll 0 offset -0.05`;
    follower = await startChronyd(['port 0', server]);
    await follower.ask('waitsync', '100', '0', '0', '0.1');
  });
  afterAll(async () => {
    await follower?.stop();
    await alone?.stop();
  });

  it('that follows only itself is not synchronized, and says why', async () => {
    const { data, source } = await collect(alone.cmdPort);
    expect(source).toBe(`udp:127.0.0.1:${alone.cmdPort}`);
    expect(data).toMatchObject({
      implementation: 'chrony',
      synchronized: false,
      synchronizedBy: 'daemon',
      note: expect.stringContaining('local reference only'),
      stratum: 8,
      referenceId: '7F7F0101',
      referenceName: null,
      sources: [],
    });
  });

  it('that follows another is synchronized at the next stratum', async () => {
    const { data, missing } = await collect(follower.cmdPort);
    expect(missing).toEqual([]);
    expect(data).toMatchObject({
      implementation: 'chrony',
      synchronized: true,
      note: null,
      stratum: 9,
      leapStatus: 'normal',
      referenceId: '7F000001',
      referenceName: '127.0.0.1',
      sources: [{ name: '127.0.0.1', mode: 'server', state: 'selected', stratum: 8 }],
    });
    expect(data.sources[0]?.reachability).toBeGreaterThan(0);
    expect(Math.abs(Date.now() - Date.parse(data.lastSyncAt ?? ''))).toBeLessThan(30_000);
  });

  it('gives the same numbers as to chronyc', async () => {
    // A poll in between changes everything: take an answer that had none around it.
    for (let round = 0; round < 20; round += 1) {
      const [before = []] = await follower.askRows('tracking');
      const [sourceRow = []] = await follower.askRows('sources');
      const { tracking, sources } = await report();
      const [after = []] = await follower.askRows('tracking');
      if (before[3] !== after[3]) continue;
      const [, , , referenceTime, correction, last, rms, frequency, , , delay, dispersion, interval] =
        before.map(Number);
      expect(tracking.referenceTimeUnixSeconds).toBeCloseTo(referenceTime ?? Number.NaN, 5);
      expectBetween(-tracking.systemOffsetSeconds, correction, after[4]);
      expect(tracking.lastOffsetSeconds).toBeCloseTo(last ?? Number.NaN, 8);
      expect(tracking.rmsOffsetSeconds).toBeCloseTo(rms ?? Number.NaN, 8);
      expect(tracking.frequencyPpm).toBeCloseTo(frequency ?? Number.NaN, 2);
      expect(tracking.rootDelaySeconds).toBeCloseTo(delay ?? Number.NaN, 8);
      expectBetween(tracking.rootDispersionSeconds, dispersion, after[11]);
      expect(tracking.updateIntervalSeconds).toBeCloseTo(interval ?? Number.NaN, 0);
      expect(sources[0]?.reachability.toString(8)).toBe(sourceRow[5]);
      expect(sources[0]?.lastOffsetSeconds).toBeCloseTo(Number(sourceRow[7]), 5);
      return;
    }
    expect.unreachable('chronyd polled during every one of 20 comparisons');
  });

  it('is ahead where chronyc says fast', async () => {
    expect(await follower.ask('tracking')).toMatch(/System time +: 0\.0(5|49)\d+ seconds fast of NTP time/);
    expect((await report()).tracking.systemOffsetSeconds).toBeCloseTo(0.05, 3);
    expect((await collect(follower.cmdPort)).data.clockErrorBoundSeconds).toBeGreaterThan(0.049);
  });

  it('that is not there is not taken for "no time daemon"', async () => {
    const { data, missing } = await collect(await freeUdpPort());
    expect(data).toMatchObject({ implementation: 'unknown', synchronized: null, stratum: null, sources: [] });
    expect(missing).toMatchObject([{ what: 'time daemon' }]);
  });
});
