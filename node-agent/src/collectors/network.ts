import { endianness } from 'node:os';
import type { Missing } from '@telemcp/shared/envelope';
import type { NetworkAddress, NetworkFacts } from '@telemcp/shared/facts/network';
import { attempt } from '../attempt.ts';
import { defineCollector } from '../collector.ts';
import { createHostReader, type HostReader } from '../host-reader.ts';
import { attributeAddresses, parseFibTrie, parseIfInet6 } from '../network/addresses.ts';
import { readConntrack } from '../network/conntrack.ts';
import { readDnsSettings } from '../network/dns-settings.ts';
import { listsSame, readInterfaces } from '../network/interfaces.ts';
import { type DeviceCounters, isSameNamespace, parseNetDev } from '../network/net-dev.ts';
import { createSampler, ratesBetween, tcpBetween } from '../network/rates.ts';
import { parseDefaultRoutes6, parseRoutes } from '../network/routes.ts';
import { readTcpCounters } from '../network/tcp-health.ts';

/** A node with IPVS has an address for every service. */
const MAX_ADDRESSES = 64;
/** Room for some ten thousand routes or addresses; a router with the whole internet's is said to be too large. */
const TABLE_BYTES = 4 * 1024 * 1024;

/** The one thing kept between two looks: the counters that rates are made of. */
const compareWithLast = createSampler();

export const network = defineCollector({
  family: 'network',
  help: "Interfaces, bonds, addresses, default routes, DNS, TCP health and conntrack of the host's network namespace.",
  hostPaths: [
    // Never /proc/net: that is a link to the network namespace of whoever reads it.
    '/proc/1/net',
    '/proc/self/net/dev',
    '/proc/sys/kernel/osrelease',
    '/proc/sys/net/netfilter/nf_conntrack_max',
    '/sys/class/net',
    '/sys/devices',
    '/etc/resolv.conf',
    '/run/systemd/resolve',
  ],
  busNames: [],
  ttlMs: 10_000,
  timeoutMs: 3000,
  async collect({ host }) {
    const files = createHostReader(host);
    const before = parseNetDev(await host.readText('/proc/1/net/dev'));
    const own = await attempt(host.readText('/proc/self/net/dev'));
    const names = (await files.names('/sys/class/net')) ?? [];
    const devices = parseNetDev(await host.readText('/proc/1/net/dev'));
    const atMs = performance.now();
    const agentInHostNamespace = own.ok ? isSameNamespace(before, parseNetDev(own.value), devices) : null;
    const sysfs = listsSame(names, devices);
    const found = await readInterfaces(host, files, devices, sysfs);
    const [addressing, dns, counters, conntrack] = await Promise.all([
      readAddressing(files),
      readDnsSettings(files),
      readTcpCounters(files),
      readConntrack(files, agentInHostNamespace),
    ]);
    const last = compareWithLast({ atMs, devices, tcp: counters });
    const seconds = last === null ? null : Math.round(atMs - last.atMs) / 1000;
    const rates = (name: string, now: DeviceCounters) =>
      last === null ? null : ratesBetween(last.devices.get(name), now, (atMs - last.atMs) / 1000);
    const data: NetworkFacts = {
      intervalSeconds: seconds,
      interfaces: found.interfaces.map((each) => ({ ...each, rates: rates(each.name, each.counters) })),
      hidden: found.hidden,
      ...addressing,
      dns,
      tcp: counters === null ? null : { ...counters, interval: tcpBetween(last?.tcp ?? null, counters) },
      conntrack,
      agentInHostNamespace,
    };
    return {
      data,
      source: 'file:/proc/1/net,/sys/class/net',
      total: found.total,
      truncated: found.interfaces.length < found.total,
      missing: [...(sysfs ? [] : [OTHER_SYSFS]), ...files.missing],
    };
  },
});

const OTHER_SYSFS: Missing = {
  what: '/sys/class/net',
  reason: 'unsupported',
  detail: 'does not show the interfaces of process 1: not mounted, or mounted in another network namespace',
};

const ROUTES = '/proc/1/net/route';
const ROUTES6 = '/proc/1/net/ipv6_route';
const ADDRESSES = '/proc/1/net/fib_trie';
const ADDRESSES6 = '/proc/1/net/if_inet6';

type Addressing = Pick<NetworkFacts, 'addresses' | 'addressesTotal' | 'defaultRoutes'>;

async function readAddressing(files: HostReader): Promise<Addressing> {
  const [routes, routes6, trie, inet6] = await Promise.all([
    files.text(ROUTES, TABLE_BYTES),
    files.text(ROUTES6, TABLE_BYTES),
    files.text(ADDRESSES, TABLE_BYTES),
    files.text(ADDRESSES6, TABLE_BYTES),
  ]);
  const { defaults, connected } = parseRoutes(routes ?? '', endianness());
  const addresses = [...attributeAddresses(parseFibTrie(trie ?? ''), connected), ...parseIfInet6(inet6 ?? '')];
  // Where some are left out, it should be those of services.
  const rank = (each: NetworkAddress) => (each.interfaceFrom === null ? 1 : 0);
  const defaultRoutes = [...defaults, ...parseDefaultRoutes6(routes6 ?? '')];
  // One table of the two may be absent, with its version of IP. But "none at all" is only said when no table is unread.
  const isKnown = (found: readonly unknown[], ...tables: readonly (readonly [string, string | null])[]) =>
    found.length > 0 ||
    (tables.some(([, text]) => text !== null) &&
      !tables.some(([name]) => files.missing.some((gap) => gap.what === name)));
  const hasAddresses = isKnown(addresses, [ADDRESSES, trie], [ADDRESSES6, inet6]);
  return {
    addresses: hasAddresses ? addresses.toSorted((a, b) => rank(a) - rank(b)).slice(0, MAX_ADDRESSES) : null,
    addressesTotal: hasAddresses ? addresses.length : null,
    defaultRoutes: isKnown(defaultRoutes, [ROUTES, routes], [ROUTES6, routes6]) ? defaultRoutes : null,
  };
}
