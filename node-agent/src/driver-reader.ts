import type { Missing } from '@telemcp/shared/envelope';
import { attempt } from './attempt.ts';
import type { HostRoot } from './host-root.ts';
import { plainText } from './plain-text.ts';

/** Reads files of /sys that hold one value of a driver. */
export interface DriverReader {
  /** A whole number, which may be below zero. */
  number(path: string, options?: DriverOptions): Promise<number | null>;
  /** As it may be shown; null when it is empty, too. */
  text(path: string): Promise<string | null>;
}

interface DriverOptions {
  /** Its driver asks a device or the firmware, which may take long: as `mayHang` of HostRoot. */
  mayHang?: boolean;
}

/** How drivers say that they have no value now: a thermal zone that is switched off ENODATA, a sleeping processor EBUSY. */
const NO_VALUE = ['not_found', 'unsupported', 'read_error'];

/** Null stands for "the driver has no value", which is no gap; what keeps the agent from asking it goes to `missing`. */
export function createDriverReader(host: HostRoot, missing: Missing[]): DriverReader {
  const text = async (path: string, options: DriverOptions = {}) => {
    const found = await attempt(host.readText(path, { maxBytes: 4096, ...options }));
    if (found.ok) return plainText(found.value) || null;
    const { reason, message } = found.error;
    if (!NO_VALUE.includes(reason)) missing.push({ what: path, reason, detail: message });
    return null;
  };
  return {
    text: (path) => text(path),
    number: async (path, options) => {
      const found = await text(path, options);
      return found !== null && /^-?\d{1,15}$/.test(found) ? Number(found) : null;
    },
  };
}
