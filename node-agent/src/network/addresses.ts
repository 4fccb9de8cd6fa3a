import type { NetworkAddress } from '@telemcp/shared/facts/network';
import { plainText } from '../plain-text.ts';
import { hexNumber, ipv4Number, networkOrderAddress } from './hex-address.ts';
import type { ConnectedNetwork } from './routes.ts';

const LEAF = '|-- ';
const OWN = '/32 host LOCAL';

/** The host's own IPv4 addresses without those of the loopback network, from `/proc/<pid>/net/fib_trie`; each once. */
export function parseFibTrie(text: string): string[] {
  const found = new Set<string>();
  let leaf = -1;
  let next = text.indexOf(LEAF);
  for (let own = text.indexOf(OWN); own >= 0; own = text.indexOf(OWN, own + OWN.length)) {
    while (next >= 0 && next < own) {
      leaf = next + LEAF.length;
      next = text.indexOf(LEAF, leaf);
    }
    if (leaf < 0) continue;
    const end = text.indexOf('\n', leaf);
    const address = text.slice(leaf, Math.min(end < 0 ? text.length : end, leaf + 16)).trim();
    if (ipv4Number(address) !== null && !address.startsWith('127.')) found.add(address);
  }
  return [...found];
}

/**
 * IPv4 addresses with the interface they are probably on: the one whose directly connected network holds them, the narrowest
 * first. /proc does not say it; where several interfaces are on that network, or none, it stays unknown.
 */
export function attributeAddresses(
  addresses: readonly string[],
  networks: readonly ConnectedNetwork[],
): NetworkAddress[] {
  // A route to a single address leads away from here, to a pod for example; it names no network that the host is on.
  const wide = networks.filter((network) => network.prefixLength < 32);
  const narrowestFirst = wide.toSorted((a, b) => b.prefixLength - a.prefixLength);
  return addresses.map((address) => {
    const number = ipv4Number(address) ?? 0;
    const holding = narrowestFirst.filter((network) => (number & network.mask) >>> 0 === network.network);
    const [first] = holding;
    const isOnly =
      first !== undefined &&
      holding.every((other) => other.prefixLength < first.prefixLength || other.interface === first.interface);
    if (first === undefined || !isOnly) return { address, prefixLength: null, interface: null, interfaceFrom: null };
    return {
      address,
      prefixLength: first.prefixLength,
      interface: first.interface,
      interfaceFrom: 'route' as const,
    };
  });
}

/** Scopes of `if_inet6` that other hosts cannot use. */
const LOOPBACK = 0x10;
const LINK = 0x20;

/** `/proc/<pid>/net/if_inet6` without loopback and link-local addresses. */
export function parseIfInet6(text: string): NetworkAddress[] {
  const found: NetworkAddress[] = [];
  for (const line of text.split('\n')) {
    const [hex = '', , prefixHex = '', scopeHex = '', , name = ''] = line.trim().split(/\s+/);
    const address = networkOrderAddress(hex);
    const scope = hexNumber(scopeHex);
    const prefixLength = hexNumber(prefixHex);
    if (address === null || name === '' || !(prefixLength <= 128) || Number.isNaN(scope)) continue;
    if (scope === LOOPBACK || scope === LINK) continue;
    found.push({ address, prefixLength, interface: plainText(name), interfaceFrom: 'kernel' });
  }
  return found;
}
