import type { DefaultRoute } from '@telemcp/shared/facts/network';
import { plainText } from '../plain-text.ts';
import { type ByteOrder, hexAddress, hexNumber, ipv4Number, networkOrderAddress } from './hex-address.ts';

/** A network the host is on without a gateway between. */
export interface ConnectedNetwork {
  interface: string;
  /** Network and mask as numbers, for IPv4. */
  network: number;
  mask: number;
  prefixLength: number;
}

/** RTF_ flags of linux/route.h. */
const UP = 0x1;
const GATEWAY = 0x2;
const REJECT = 0x200;
const CACHE = 0x0100_0000;

/** `/proc/<pid>/net/route`: the main table of IPv4. */
export function parseRoutes(
  text: string,
  order: ByteOrder,
): { defaults: DefaultRoute[]; connected: ConnectedNetwork[] } {
  const defaults: DefaultRoute[] = [];
  const connected: ConnectedNetwork[] = [];
  for (const line of text.split('\n').slice(1)) {
    const [name, destinationHex = '', gatewayHex = '', flagsHex = '', , , metric = '', maskHex = ''] = line.split('\t');
    const flags = hexNumber(flagsHex);
    const [destination, gateway, mask] = [destinationHex, gatewayHex, maskHex].map((hex) =>
      hexAddress(hex.trim(), order),
    );
    const metricNumber = Number(metric);
    if (!name || !destination || !gateway || !mask || !Number.isSafeInteger(metricNumber)) continue;
    if ((flags & UP) === 0 || (flags & REJECT) !== 0 || metricNumber < 0) continue;
    const network = ipv4Number(destination) ?? 0;
    const maskNumber = ipv4Number(mask) ?? 0;
    const device = plainText(name);
    if (maskNumber === 0 && network === 0) {
      const via = (flags & GATEWAY) === 0 ? null : gateway;
      defaults.push({ ipVersion: 4, gateway: via, interface: device, metric: metricNumber });
    } else if ((flags & GATEWAY) === 0) {
      const prefixLength = Math.clz32(~maskNumber);
      connected.push({ interface: device, network, mask: maskNumber, prefixLength });
    }
  }
  return { defaults, connected };
}

/** Default routes of `/proc/<pid>/net/ipv6_route`, which holds all tables; the kernel's own refusing ones are left out. */
export function parseDefaultRoutes6(text: string): DefaultRoute[] {
  const found: DefaultRoute[] = [];
  for (const line of text.split('\n')) {
    // Tens of thousands of routes may be there, and this is how all default ones begin.
    if (!line.startsWith('00000000000000000000000000000000 00 ')) continue;
    const [, , , , gatewayHex = '', metricHex = '', , , flagsHex = '', name = ''] = line.trim().split(/\s+/);
    const flags = hexNumber(flagsHex);
    const metric = hexNumber(metricHex);
    const gateway = networkOrderAddress(gatewayHex);
    if ((flags & UP) === 0 || (flags & (REJECT | CACHE)) !== 0 || gateway === null) continue;
    if (name === '' || name === 'lo' || Number.isNaN(metric)) continue;
    const via = (flags & GATEWAY) === 0 ? null : gateway;
    found.push({ ipVersion: 6, gateway: via, interface: plainText(name), metric });
  }
  return found;
}
