import { describe, expect, it } from 'vitest';
import type { ChronyReport } from './chrony.ts';
import { chronyFacts, timesyncdFacts } from './time-facts.ts';
import type { TimesyncdReport } from './timesyncd.ts';

const TRACKING: ChronyReport['tracking'] = {
  referenceId: 0xc0000201,
  address: '192.0.2.1',
  stratum: 3,
  leapStatus: 'normal',
  referenceTimeUnixSeconds: 1_730_000_000.5,
  systemOffsetSeconds: -0.002,
  lastOffsetSeconds: 0.0001,
  rmsOffsetSeconds: 0.0003,
  frequencyPpm: -12.5,
  rootDelaySeconds: 0.02,
  rootDispersionSeconds: 0.001,
  updateIntervalSeconds: 64.2,
};
const SOURCE: ChronyReport['sources'][number] = {
  name: '192.0.2.1',
  mode: 'server',
  state: 'selected',
  stratum: 2,
  reachability: 0o377,
  lastSampleAgeSeconds: 12,
  lastOffsetSeconds: 0.0001,
};
const chrony = (tracking: Partial<ChronyReport['tracking']>, sources = [SOURCE]) =>
  chronyFacts({ tracking: { ...TRACKING, ...tracking }, sources, missing: [] });

describe('chronyFacts', () => {
  it('bounds the error by what chronyc(1) says: |offset| + dispersion + delay / 2', () => {
    expect(chrony({})).toMatchObject({
      synchronized: true,
      note: null,
      referenceId: 'C0000201',
      referenceName: '192.0.2.1',
      clockErrorBoundSeconds: 0.002 + 0.001 + 0.01,
      lastSyncAt: '2024-10-27T03:33:20.500Z',
      sources: [{ reachability: 1 }],
    });
  });

  it('names a reference clock', () => {
    expect(chrony({ referenceId: 0x47505300, address: null, stratum: 1 })).toMatchObject({
      synchronized: true,
      referenceName: 'GPS',
    });
  });

  it('calls local mode not synchronized', () => {
    expect(chrony({ referenceId: 0x7f7f0101, address: null, stratum: 10 }, [])).toMatchObject({
      synchronized: false,
      note: expect.stringContaining('local reference only'),
      stratum: 10,
      clockErrorBoundSeconds: null,
      lastSyncAt: null,
    });
  });

  it.each([
    ['no source', [], 'no source'],
    ['no source that answers', [{ ...SOURCE, reachability: 0 }], 'no source answers'],
    ['sources that disagree', [SOURCE], 'leap: not synchronised'],
  ])('says why the leap status is "not synchronised": %s', (_, sources, words) => {
    const facts = chrony({ leapStatus: 'not_synchronised', referenceId: 0, address: null, stratum: 0 }, sources);
    expect(facts).toMatchObject({ synchronized: false, stratum: null, referenceId: null, rootDelaySeconds: null });
    expect(facts.note).toContain(words);
  });

  it('tells when the clock runs free though chronyd still counts it as synchronized', () => {
    const facts = chrony({}, [{ ...SOURCE, reachability: 0 }]);
    expect(facts.synchronized).toBe(true);
    expect(facts.note).toContain('runs free');
  });

  it('counts polls, not bits of the number', () => {
    expect(chrony({}, [{ ...SOURCE, reachability: 0o17 }]).sources[0]?.reachability).toBe(0.5);
  });

  it('leaves out a time beyond what a date can hold', () => {
    expect(chrony({ referenceTimeUnixSeconds: 2 ** 60 }).lastSyncAt).toBeNull();
    expect(chrony({ referenceTimeUnixSeconds: 1e12 }).lastSyncAt).toBeNull();
  });
});

const NOW = 1_730_000_100;
const MESSAGE: NonNullable<TimesyncdReport['message']> = {
  leap: 0,
  stratum: 2,
  ignored: false,
  offsetSeconds: 0.004,
  networkDelaySeconds: 0.02,
  serverRootDelaySeconds: 0.01,
  serverRootDispersionSeconds: 0.001,
  jitterSeconds: 0.002,
  receivedAtUnixSeconds: NOW - 100,
};
const REPORT: TimesyncdReport = {
  serverName: 'ntp.example.org',
  serverAddress: '192.0.2.7',
  pollIntervalSeconds: 2048,
  frequencyPpm: 3,
  message: MESSAGE,
};

describe('timesyncdFacts', () => {
  it('stands one stratum below its server, with the way there in the root delay', () => {
    const facts = timesyncdFacts(REPORT, new Date('2024-10-27T03:30:00Z'), NOW);
    expect(facts).toMatchObject({
      synchronized: true,
      synchronizedBy: 'daemon',
      stratum: 3,
      leapStatus: 'normal',
      referenceName: 'ntp.example.org',
      lastOffsetSeconds: 0.004,
      rootDelaySeconds: 0.03,
      updateIntervalSeconds: 2048,
      lastSyncAt: '2024-10-27T03:30:00.000Z',
      sources: [{ name: 'ntp.example.org', state: 'selected', stratum: 2, lastSampleAgeSeconds: 100 }],
    });
    // 1 ms of the server, 2 ms of jitter, 100 s at 15 ppm; then the offset and half the delay.
    expect(facts.rootDispersionSeconds).toBeCloseTo(0.0045, 9);
    expect(facts.clockErrorBoundSeconds).toBeCloseTo(0.004 + 0.0045 + 0.015, 9);
  });

  it('is not synchronized before the first reply', () => {
    expect(timesyncdFacts({ ...REPORT, message: null }, null, NOW)).toMatchObject({
      synchronized: false,
      note: expect.stringContaining('no reply'),
      sources: [{ state: 'waiting', lastOffsetSeconds: null }],
    });
  });

  it('has no source before it chose one', () => {
    const report = { ...REPORT, serverName: null, serverAddress: null, message: null };
    expect(timesyncdFacts(report, null, NOW)).toMatchObject({ note: 'no time server chosen', sources: [] });
  });

  it('no longer counts on a reply nine hours old', () => {
    const facts = timesyncdFacts(REPORT, null, MESSAGE.receivedAtUnixSeconds + 33_000);
    expect(facts).toMatchObject({ synchronized: false, clockErrorBoundSeconds: null, stratum: null });
    expect(facts.note).toContain('33000 s ago');
  });

  it('does not take a spike for a synchronization', () => {
    const facts = timesyncdFacts({ ...REPORT, message: { ...MESSAGE, ignored: true } }, null, NOW);
    expect(facts).toMatchObject({ lastSyncAt: null, sources: [{ state: 'jittery' }] });
  });
});
