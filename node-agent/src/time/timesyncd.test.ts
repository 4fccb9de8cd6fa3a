import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokenBus, scriptedBus } from '../../test/scripted-bus.ts';
import { FactError } from '../fact-error.ts';
import { askTimesyncd, parseNtpMessage, parseServerAddress } from './timesyncd.ts';

const signal = new AbortController().signal;
const T0 = 1_795_356_272_000_000;

/** The host 20 ms ahead of its server, 10 ms away each way. */
const NTP_MESSAGE = [
  0,
  4,
  4,
  2,
  -24,
  15_258,
  915,
  Buffer.from([0x11, 0xfd, 0x22, 0x7b]),
  T0,
  T0 - 10_000,
  T0 - 9_000,
  T0 + 21_000,
  false,
  17,
  1_500,
];

describe('parseNtpMessage', () => {
  it('computes offset and delay from the four times', () => {
    expect(parseNtpMessage(NTP_MESSAGE)).toEqual({
      leap: 0,
      stratum: 2,
      ignored: false,
      offsetSeconds: 0.02,
      networkDelaySeconds: 0.02,
      serverRootDelaySeconds: 0.015258,
      serverRootDispersionSeconds: 0.000915,
      jitterSeconds: 0.0015,
      receivedAtUnixSeconds: (T0 + 21_000) / 1e6,
    });
  });

  it('is null before the first reply', () => {
    expect(parseNtpMessage([0, 0, 0, 0, 0, 0, 0, Buffer.alloc(4), 0, 0, 0, 0, false, 0, 0])).toBeNull();
  });

  it('is null or sound for whatever the bus gives', () => {
    const value = fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.string(), fc.double());
    fc.assert(
      fc.property(fc.array(value, { minLength: 13, maxLength: 17 }), (message) => {
        const parsed = parseNtpMessage(message);
        expect(parsed === null || Number.isFinite(parsed.offsetSeconds)).toBe(true);
      }),
    );
  });
});

it.each([
  [[2, Buffer.from([17, 253, 34, 123])], '17.253.34.123'],
  [[2, [17, 253, 34, 123]], '17.253.34.123'],
  [[10, [0x2a, 0x01, 0x04, 0xf8, ...Array<number>(11).fill(0), 1]], '2a01:4f8::1'],
  [[0, []], null],
  ['nonsense', null],
  [[2, [1, 2, 999, 4]], null],
])('address %j is %s', (value, text) => {
  expect(parseServerAddress(value)).toBe(text);
});

describe('askTimesyncd', () => {
  const script = {
    ServerName: 'ntp.ubuntu.com',
    ServerAddress: [2, [185, 125, 190, 58]],
    NTPMessage: NTP_MESSAGE,
    PollIntervalUSec: 2_048_000_000,
    Frequency: 655_360,
  };

  it('reads its properties and never starts it', async () => {
    const bus = scriptedBus(script);
    expect(await askTimesyncd(bus, signal)).toMatchObject({
      serverName: 'ntp.ubuntu.com',
      serverAddress: '185.125.190.58',
      pollIntervalSeconds: 2048,
      // The kernel speeds the clock up by 10 ppm: by itself it loses.
      frequencyPpm: -10,
      message: { stratum: 2 },
    });
    expect(bus.asked.every(({ autoStart }) => autoStart === false)).toBe(true);
  });

  it('does without the frequency, which older ones do not have', async () => {
    const { Frequency: _, ...older } = script;
    expect((await askTimesyncd(scriptedBus(older), signal)).frequencyPpm).toBeNull();
  });

  it('is not_found where it does not run', async () => {
    await expect(askTimesyncd(scriptedBus({}), signal)).rejects.toMatchObject({ reason: 'not_found' });
  });

  it('passes on what ails the bus', async () => {
    const bus = brokenBus(new FactError('apparmor_denied', 'no'));
    await expect(askTimesyncd(bus, signal)).rejects.toMatchObject({ reason: 'apparmor_denied' });
  });
});
