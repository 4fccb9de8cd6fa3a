import { attempt } from '../attempt.ts';
import type { HostReader } from '../host-reader.ts';
import type { HostRoot } from '../host-root.ts';

/**
 * The zone that `/etc/localtime` leads to, such as `Europe/Berlin` (localtime(5)), else the one in Debian's `/etc/timezone`.
 * Null when neither is there: the link cannot be followed where the zone files themselves are not mounted.
 */
export async function readTimezone(host: HostRoot, files: HostReader): Promise<string | null> {
  const target = await attempt(host.resolve('/etc/localtime'));
  const linked = target.ok ? zoneOfPath(target.value) : null;
  if (linked !== null) return linked;
  const named = await files.line('/etc/timezone');
  return named !== null && ZONE.test(named) ? named : null;
}

/** IANA names: letters, digits and `_ + -` between slashes. */
const ZONE = /^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+){0,3}$/;

/** The zone a path below a `zoneinfo` directory names. */
export function zoneOfPath(path: string): string | null {
  const zone = /\/zoneinfo\/(?:(?:posix|right)\/)?(.+)$/.exec(path)?.[1];
  return zone !== undefined && ZONE.test(zone) ? zone : null;
}

/** The third line of `/etc/adjtime` (hwclock(8)): `LOCAL` or `UTC`. Null when the file does not say. */
export function parseAdjtime(text: string): boolean | null {
  const mode = text.split('\n')[2]?.trim();
  if (mode === 'LOCAL') return true;
  return mode === 'UTC' ? false : null;
}
