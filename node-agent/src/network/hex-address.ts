import { ipAddressText } from '../time/ip-address.ts';

/** Byte order of the machine: the kernel prints addresses in /proc as numbers of 32 bits in its own order. */
export type ByteOrder = 'LE' | 'BE';

/**
 * An address as `/proc/<pid>/net/{tcp,udp,route}` write it: 8 hexadecimal digits for IPv4, 32 for IPv6. IPv4 in IPv6
 * (`::ffff:10.0.0.1`) comes out as IPv4. Null when it is not one.
 */
export function hexAddress(hex: string, order: ByteOrder): string | null {
  if (!/^(?:[0-9a-f]{8}|[0-9a-f]{32})$/i.test(hex)) return null;
  const bytes = Buffer.from(hex, 'hex');
  if (order === 'LE') bytes.swap32();
  return shortAddress(bytes);
}

/** An IPv6 address as `if_inet6` and `ipv6_route` write it: 32 digits in the order of the network. */
export function networkOrderAddress(hex: string): string | null {
  return /^[0-9a-f]{32}$/i.test(hex) ? shortAddress(Buffer.from(hex, 'hex')) : null;
}

function shortAddress(bytes: Buffer): string | null {
  return bytes.length === 16 && bytes.subarray(0, 12).equals(MAPPED)
    ? ipAddressText(bytes.subarray(12))
    : ipAddressText(bytes);
}

const MAPPED = Buffer.from('00000000000000000000ffff', 'hex');

/** An IPv4 address as a number; null when it is not one. */
export function ipv4Number(address: string): number | null {
  const parts = address.split('.').map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  if (parts.length !== 4 || parts.some((part) => part > 255)) return null;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

/** A number of up to 32 bits in hexadecimal digits; not a number when it is anything else. */
export function hexNumber(text: string): number {
  return /^[0-9a-f]{1,8}$/i.test(text) ? Number.parseInt(text, 16) : Number.NaN;
}
