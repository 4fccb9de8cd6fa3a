import type { Pressure, PressureShare, PressureState } from '@telemcp/shared/pressure';
import { attempt } from './attempt.ts';
import type { HostReader } from './host-reader.ts';
import type { HostRoot } from './host-root.ts';

/** A file of /proc/pressure, and what its absence means. */
export interface PressureReading {
  state: PressureState;
  pressure: Pressure | null;
}

/**
 * Reads `/proc/pressure/<resource>` (kernel documentation, accounting/psi). A kernel that does not measure is no gap: it is said
 * in `state`. Any other failure is a row of `missing`.
 */
export async function readPressure(
  host: HostRoot,
  files: HostReader,
  resource: 'cpu' | 'memory' | 'io' | 'irq',
): Promise<PressureReading> {
  const path = `/proc/pressure/${resource}`;
  const found = await attempt(host.readText(path));
  if (!found.ok) {
    const { reason, message } = found.error;
    if (reason === 'not_found') return { state: 'absent', pressure: null };
    // Linux 4.20 to 5.13 have the files also when they do not measure; reading them fails with EOPNOTSUPP.
    if (reason === 'unsupported') return { state: 'off', pressure: null };
    files.missing.push({ what: path, reason, detail: message });
    return { state: 'unreadable', pressure: null };
  }
  const pressure = parsePressure(found.value);
  if (pressure !== null) return { state: 'on', pressure };
  files.missing.push({ what: path, reason: 'parse_error', detail: 'neither a "some" nor a "full" line' });
  return { state: 'unreadable', pressure: null };
}

/** The two lines of a pressure file, `some avg10=0.12 avg60=0.40 avg300=0.62 total=27739093`; null when it has neither. */
export function parsePressure(text: string): Pressure | null {
  const some = shareOf(text, 'some');
  const full = shareOf(text, 'full');
  return some === null && full === null ? null : { some, full };
}

function shareOf(text: string, kind: 'some' | 'full'): PressureShare | null {
  const line = text.split('\n', 8).find((each) => each.startsWith(`${kind} `));
  const numbers = /^\w+ avg10=([\d.]{1,8}) avg60=([\d.]{1,8}) avg300=([\d.]{1,8}) total=(\d{1,20})$/.exec(line ?? '');
  if (numbers === null) return null;
  const [avg10 = Number.NaN, avg60 = Number.NaN, avg300 = Number.NaN, microseconds = 0] = numbers.slice(1).map(Number);
  // The kernel's averages may stand a hair above 100.
  const ratio = (percent: number) => Math.min(1, Math.round(percent * 100) / 10_000);
  const share = {
    avg10Ratio: ratio(avg10),
    avg60Ratio: ratio(avg60),
    avg300Ratio: ratio(avg300),
    totalSeconds: Math.round(microseconds / 1e4) / 100,
  };
  return Object.values(share).every(Number.isFinite) ? share : null;
}
