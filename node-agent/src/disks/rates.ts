import type { Disk } from '@telemcp/shared/facts/disks';

/** Counters of all devices at one moment. */
export interface DiskSample {
  /** Of a clock that only moves forward, seconds. */
  atSeconds: number;
  /** By device number and name: another disk under the same name is none of ours. */
  devices: ReadonlyMap<string, DiskSampleRow>;
}

/** One device's counters; `ioErrors` is null where its driver does not count them. */
export interface DiskSampleRow {
  counters: Disk['counters'];
  ioErrors: number | null;
}

/** Below, a single request weighs too much; above, the average says nothing of now. */
const MIN_SECONDS = 1;
const MAX_SECONDS = 60;

/** How far apart two samples are; null where no rate should be made of them. */
export function intervalOf(before: DiskSample | null, now: DiskSample): number | null {
  if (before === null) return null;
  const seconds = now.atSeconds - before.atSeconds;
  return seconds >= MIN_SECONDS && seconds <= MAX_SECONDS ? Math.round(seconds * 1000) / 1000 : null;
}

/** Rates between two looks at one device; null when its counters went backwards: then it is another device. */
export function ratesOf(before: DiskSampleRow, now: DiskSampleRow, seconds: number): Disk['rates'] {
  const delta = (name: keyof Disk['counters']) => now.counters[name] - before.counters[name];
  const reads = delta('readsCompleted');
  const writes = delta('writesCompleted');
  const [readBytes, writtenBytes] = [delta('readBytes'), delta('writtenBytes')];
  if (Math.min(reads, writes, readBytes, writtenBytes) < 0) return null;
  const busy = unwrapped(delta('busySeconds'));
  const wait = unwrapped(delta('waitSeconds'));
  const errors = now.ioErrors === null || before.ioErrors === null ? null : now.ioErrors - before.ioErrors;
  return {
    utilizationRatio: Math.min(1, round(busy / seconds)),
    readsPerSecond: round(reads / seconds),
    writesPerSecond: round(writes / seconds),
    readBytesPerSecond: Math.round(readBytes / seconds),
    writtenBytesPerSecond: Math.round(writtenBytes / seconds),
    averageWaitMs: reads + writes === 0 ? null : round((wait * 1000) / (reads + writes)),
    ioErrors: errors !== null && errors < 0 ? null : errors,
  };
}

/** The kernel prints times as 32-bit milliseconds, which start again after 49.7 days of being busy. */
function unwrapped(seconds: number): number {
  return seconds >= 0 ? seconds : Math.max(0, seconds + 2 ** 32 / 1000);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
