import * as z from 'zod';
import type { SystemBus } from '../dbus/bus.ts';
import { type BusObject, readProperty } from '../dbus/bus-property.ts';
import { FactError } from '../fact-error.ts';
import { plainText } from '../plain-text.ts';
import { ipAddressText } from './ip-address.ts';

const TIMESYNCD: BusObject = {
  destination: 'org.freedesktop.timesync1',
  path: '/org/freedesktop/timesync1',
  interface: 'org.freedesktop.timesync1.Manager',
};

/** What systemd-timesyncd says about itself, org.freedesktop.timesync1(5). */
export interface TimesyncdReport {
  /** Null while it has chosen no server. */
  serverName: string | null;
  serverAddress: string | null;
  pollIntervalSeconds: number | null;
  /** How fast the uncorrected clock runs, positive when it gains. */
  frequencyPpm: number | null;
  /** The last reply of the server; null before the first. */
  message: NtpMessage | null;
}

/** A server's reply with the four times of the exchange (RFC 5905). */
export interface NtpMessage {
  leap: number;
  stratum: number;
  /** True when timesyncd took the reply for a spike and did not use it. */
  ignored: boolean;
  /** Positive when the host's clock is ahead of the server. */
  offsetSeconds: number;
  networkDelaySeconds: number;
  serverRootDelaySeconds: number;
  serverRootDispersionSeconds: number;
  jitterSeconds: number;
  receivedAtUnixSeconds: number;
}

const usec = z.number().nonnegative();
const skipped = z.unknown();

/** Signature (uuuuittayttttbtt), times in microseconds. */
const NtpMessageValue = z.tuple([
  z.number().int(), // leap
  skipped, // version
  skipped, // mode
  z.number().int(), // stratum
  skipped, // precision
  usec, // root delay
  usec, // root dispersion
  skipped, // reference id of the server, not of this host
  usec, // sent by the host
  usec, // received by the server
  usec, // sent by the server
  usec, // received by the host
  z.boolean(), // spike
  z.number().nullable(), // replies so far
  usec, // jitter
]);

/** The value of property `NTPMessage`; null when there was no reply yet, or it is not what it should be. */
export function parseNtpMessage(value: unknown): NtpMessage | null {
  const parsed = NtpMessageValue.safeParse(value);
  if (!parsed.success) return null;
  const [leap, , , stratum, , rootDelay, rootDispersion, , origin, receive, transmit, arrival, ignored, count, jitter] =
    parsed.data;
  if (count === 0 || arrival === 0) return null;
  return {
    leap,
    stratum,
    ignored,
    // RFC 5905 gives what to add to the clock: the other way round.
    offsetSeconds: (origin - receive + (arrival - transmit)) / 2 / 1e6,
    networkDelaySeconds: Math.max(0, (arrival - origin - (transmit - receive)) / 1e6),
    serverRootDelaySeconds: rootDelay / 1e6,
    serverRootDispersionSeconds: rootDispersion / 1e6,
    jitterSeconds: jitter / 1e6,
    receivedAtUnixSeconds: arrival / 1e6,
  };
}

const ServerAddressValue = z.tuple([
  z.number(),
  z.union([z.instanceof(Uint8Array), z.array(z.number().int().min(0).max(255))]),
]);

/** The value of property `ServerAddress`: address family and bytes. */
export function parseServerAddress(value: unknown): string | null {
  const parsed = ServerAddressValue.safeParse(value);
  return parsed.success ? ipAddressText(Uint8Array.from(parsed.data[1])) : null;
}

/** Asks timesyncd, never starting it. @throws {FactError} `not_found` when it does not run, else as `SystemBus` says */
export async function askTimesyncd(bus: SystemBus, signal: AbortSignal): Promise<TimesyncdReport> {
  const read = (name: string) => readProperty(bus, TIMESYNCD, name, signal);
  const [name, address, message, pollInterval, frequency] = await Promise.all([
    read('ServerName'),
    read('ServerAddress'),
    read('NTPMessage'),
    read('PollIntervalUSec'),
    // Since systemd 252.
    read('Frequency').catch((error: unknown) => {
      if (error instanceof FactError && error.reason === 'not_found') return null;
      throw error;
    }),
  ]);
  return {
    serverName: typeof name === 'string' ? plainText(name) || null : null,
    serverAddress: parseServerAddress(address),
    pollIntervalSeconds: typeof pollInterval === 'number' && pollInterval > 0 ? pollInterval / 1e6 : null,
    // adjtimex(2): the correction applied, in units of 2^-16 ppm; a clock that gains is corrected downwards.
    frequencyPpm: typeof frequency === 'number' ? 0 - frequency / 65_536 : null,
    message: parseNtpMessage(message),
  };
}
