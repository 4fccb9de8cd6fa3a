import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FactError } from '../fact-error.ts';
import {
  CHRONY_COMMANDS,
  decodeFloat,
  encodeRequest,
  parseSource,
  parseSourceCount,
  parseTracking,
  referenceText,
  replyBody,
  sequenceOf,
} from './chrony-packet.ts';

const bytes = (...hex: string[]) => Buffer.from(hex.join(''), 'hex');

// Replies of chronyd 4.3, as they came: two sources 50 ms apart and a GPS clock that has not spoken yet.
const TRACKING = bytes(
  '0602000000210005000000000000000000000001000000000000000000000000000000000000000000000000000000000000000000000003',
  '000000000000000000000000fb333126d35a18d5d2a5e72bfd34a161000000000000000004800000048000000482535f',
);
const COUNT = bytes('06020000000e0002000000000000000000000002000000000000000000000003');
const REFCLOCK = bytes(
  '06020000000f000300000000000000000000000300000000000000004750530000000000000000000000000000010000',
  '000400000001000200000000ffffffff000000000000000000000000',
);
const IPV4 = bytes(
  '06020000000f000300000000000000000000000400000000000000007f00000100000000000000000000000000010000',
  '0000000800020000000000ff00000001d9192540d9192540def7b225',
);
const IPV6 = bytes(
  '06020000000f0003000000000000000000000005000000000000000000000000000000000000000000000001000200000',
  '0060008000200000000000700000001fb33342cfb33342ce0ab69c2',
);
const NO_SUCH_SOURCE = bytes('06020000000f00010004000000000000000000060000000000000000');
const UNAUTHORISED = bytes('06020000003600010002000000000000000000070000000000000000');

function edited(packet: Buffer, offset: number, ...values: number[]): Buffer {
  const copy = Buffer.from(packet);
  copy.set(values, offset);
  return copy;
}

describe('replies of a real chronyd', () => {
  it('tracking, not synchronised, the clock 50 ms ahead', () => {
    const tracking = parseTracking(TRACKING);
    expect(tracking).toMatchObject({
      referenceId: 0,
      address: null,
      stratum: 0,
      leapStatus: 'not_synchronised',
      referenceTimeUnixSeconds: null,
      rootDelaySeconds: 1,
      rootDispersionSeconds: 1,
    });
    // chronyc, at the same moment: -0.050001893, -0.000000039, -0.099 ppm, 1.0 s.
    expect(tracking.systemOffsetSeconds).toBeCloseTo(0.050001893, 6);
    expect(tracking.lastOffsetSeconds).toBeCloseTo(-0.000000039, 9);
    expect(tracking.frequencyPpm).toBeCloseTo(-0.099, 3);
    expect(tracking.updateIntervalSeconds).toBeCloseTo(1, 1);
  });

  it('the number of sources', () => {
    expect(parseSourceCount(COUNT)).toBe(3);
  });

  it('a reference clock without a sample', () => {
    expect(parseSource(REFCLOCK)).toEqual({
      name: 'GPS',
      mode: 'reference_clock',
      state: 'unreachable',
      stratum: 0,
      reachability: 0,
      lastSampleAgeSeconds: null,
      lastOffsetSeconds: null,
    });
  });

  it('servers by IPv4 and IPv6', () => {
    expect(parseSource(IPV4)).toMatchObject({
      name: '127.0.0.1',
      mode: 'server',
      state: 'falseticker',
      reachability: 255,
    });
    const ipv6 = parseSource(IPV6);
    expect(ipv6).toMatchObject({ name: '::1', stratum: 8, reachability: 7, lastSampleAgeSeconds: 1 });
    expect(ipv6.lastOffsetSeconds).toBeCloseTo(-0.049999073, 7);
  });

  it('takes the offset as it is now, not as it was measured', () => {
    // Of the three floats at the end the second: here -16.
    const packet = Buffer.from(IPV4);
    packet.writeUInt32BE(0x05800000, 64);
    packet.writeUInt32BE(0x0b000000, 68);
    packet.writeUInt32BE(0x04800000, 72);
    expect(parseSource(packet).lastOffsetSeconds).toBe(-16);
  });

  it.each([
    [0, 'selected'],
    [1, 'not_selectable'],
    [2, 'falseticker'],
    [3, 'jittery'],
    [4, 'combined'],
    [5, 'selectable'],
    [9, 'unknown'],
  ])('state %i is %s', (value, state) => {
    expect(parseSource(edited(IPV4, 52, 0, value)).state).toBe(state);
  });

  it('a source whose name is not resolved has a number', () => {
    expect(parseSource(edited(IPV4, 44, 0, 3)).name).toBe('ID#2130706433');
  });

  it('a 32-bit time does not become the year 292 billion', () => {
    const packet = edited(TRACKING, 56, 0x7f, 0xff, 0xff, 0xff, 0x65, 0, 0, 0);
    expect(parseTracking(packet).referenceTimeUnixSeconds).toBe(0x65000000);
  });
});

describe('refusals', () => {
  it.each([
    ['no such source', NO_SUCH_SOURCE, 'not_found'],
    ['not authorised', UNAUTHORISED, 'permission_denied'],
    ['another protocol version', edited(NO_SUCH_SOURCE, 8, 0, 18), 'unsupported'],
    ['a status nobody knows', edited(NO_SUCH_SOURCE, 8, 1, 99), 'unsupported'],
    ['the answer to another question', COUNT, 'parse_error'],
    ['cut short', IPV4.subarray(0, 75), 'parse_error'],
    ['nothing', Buffer.alloc(0), 'parse_error'],
    ['another version', edited(IPV4, 0, 5), 'parse_error'],
    ['our own request, echoed', encodeRequest(CHRONY_COMMANDS.sourceData, 4, 0, 0), 'parse_error'],
  ])('%s', (_, packet, reason) => {
    expect(() => replyBody(packet, CHRONY_COMMANDS.sourceData)).toThrow(expect.objectContaining({ reason }));
  });

  it('any bytes end in a report or a FactError', () => {
    const packet = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(fc.constantFrom(TRACKING, IPV4, IPV6, COUNT), fc.uint8Array({ maxLength: 80 }))
        .map(([real, noise]) => Buffer.concat([real.subarray(0, 28), noise, Buffer.alloc(80)])),
    );
    fc.assert(
      fc.property(packet, fc.constantFrom(parseTracking, parseSource, parseSourceCount), (raw, parse) => {
        try {
          expect(JSON.stringify(parse(Buffer.from(raw)))).not.toContain('NaN');
        } catch (error) {
          expect(error).toBeInstanceOf(FactError);
        }
      }),
    );
  });
});

describe('encodeRequest', () => {
  it('is as long as the reply, or chronyd would drop it', () => {
    for (const command of Object.values(CHRONY_COMMANDS))
      expect(encodeRequest(command, 7, 1)).toHaveLength(command.bytes);
  });

  it('puts version, command, attempt, sequence and index in their places', () => {
    const packet = encodeRequest(CHRONY_COMMANDS.sourceData, 0xdeadbeef, 1, 2);
    expect(packet.subarray(0, 24).toString('hex')).toBe('06010000000f0001deadbeef000000000000000000000002');
    expect(sequenceOf(packet)).toBeNull();
  });
});

describe('decodeFloat', () => {
  it.each([
    [0x00000000, 0],
    [0x04800000, 1],
    [0x05800000, -1],
    [0x7fffffff, -(2 ** 38)],
    [0x80000001, 2 ** -89],
  ])('%i is %d', (raw, value) => {
    expect(decodeFloat(raw)).toBe(value);
  });

  it('gives back every coefficient and exponent, and is always finite', () => {
    const exponents = fc.integer({ min: -64, max: 63 });
    const coefficients = fc.integer({ min: -(2 ** 24), max: 2 ** 24 - 1 });
    fc.assert(
      fc.property(exponents, coefficients, (exponent, coefficient) => {
        const raw = (((exponent & 0x7f) << 25) | (coefficient & 0x1ffffff)) >>> 0;
        expect(decodeFloat(raw)).toBe(coefficient * 2 ** (exponent - 25));
      }),
    );
  });
});

it.each([
  [0x47505300, 'GPS'],
  [0x50505330, 'PPS0'],
  [0x7f7f0101, null],
  [0, null],
])('reference id %i reads %s', (id, text) => {
  expect(referenceText(id)).toBe(text);
});
