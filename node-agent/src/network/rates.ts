import type { NetworkRates, TcpHealth } from '@telemcp/shared/facts/network';
import type { DeviceCounters } from './net-dev.ts';
import type { TcpCounters } from './tcp-health.ts';

/** All counters at one moment. */
export interface NetworkSample {
  /** A clock that only moves forward, milliseconds. */
  atMs: number;
  devices: ReadonlyMap<string, DeviceCounters>;
  tcp: TcpCounters | null;
}

/** Below, a single burst would pass for a rate; beyond, the rate is of what was, not of what is. */
const MIN_MS = 1000;
const MAX_MS = 60_000;

/** Keeps the last sample. Its function gives the one before, if that is 1 to 60 seconds old, and takes the new in its place. */
export function createSampler(): (sample: NetworkSample) => NetworkSample | null {
  let last: NetworkSample | null = null;
  return (sample) => {
    const before = last;
    const age = before === null ? Number.POSITIVE_INFINITY : sample.atMs - before.atMs;
    // Too young to compare with: it stays, so that the next look can.
    if (age < MIN_MS) return null;
    last = sample;
    return age > MAX_MS ? null : before;
  };
}

/** Null when a counter went backwards: the interface was made anew. */
export function ratesBetween(
  before: DeviceCounters | undefined,
  now: DeviceCounters,
  seconds: number,
): NetworkRates | null {
  if (before === undefined) return null;
  const grown = (read: (counters: DeviceCounters) => number) => read(now) - read(before);
  const rates = {
    rxBitsPerSecond: Math.round((grown((of) => of.rxBytes) * 8) / seconds),
    txBitsPerSecond: Math.round((grown((of) => of.txBytes) * 8) / seconds),
    rxPacketsPerSecond: Math.round(grown((of) => of.rxPackets) / seconds),
    txPacketsPerSecond: Math.round(grown((of) => of.txPackets) / seconds),
    errors: grown((of) => of.rxErrors + of.txErrors),
    dropped: grown((of) => of.rxDropped + of.txDropped),
  };
  return Object.values(rates).every((value) => value >= 0) ? rates : null;
}

/** A share of fewer segments than these says nothing. */
const ENOUGH_SEGMENTS = 100;

export function tcpBetween(before: TcpCounters | null, now: TcpCounters): TcpHealth['interval'] {
  if (before === null) return null;
  const grown = (name: keyof TcpCounters) => {
    const [from, to] = [before[name], now[name]];
    return from === null || to === null || to < from ? null : to - from;
  };
  const sent = grown('sentSegments');
  const retransmittedSegments = grown('retransmittedSegments');
  if (sent === null || retransmittedSegments === null) return null;
  const ratio = sent < ENOUGH_SEGMENTS ? null : Math.min(1, retransmittedSegments / sent);
  return {
    retransmittedSegments,
    retransmitRatio: ratio === null ? null : Math.round(ratio * 1e5) / 1e5,
    listenOverflows: grown('listenOverflows'),
    listenDrops: grown('listenDrops'),
  };
}
