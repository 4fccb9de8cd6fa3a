import * as z from 'zod';
import { openEnum } from '../open-enum.ts';

const text = z.string().nullable();
const count = z.number().int().nonnegative();
/** Beyond 2^53 no longer exact, and no longer an integer that JSON readers agree on. */
const total = z.number().nonnegative();

/** Since the interface exists (`/proc/1/net/dev`; the kernel's documentation of `statistics` says what each one counts). */
export const NetworkCounters = z.object({
  rxBytes: total,
  rxPackets: total,
  rxErrors: total,
  /** Dropped by the kernel, with those that the card missed for want of buffers; also frames of protocols nobody listens to. */
  rxDropped: total,
  /** Frames with a wrong checksum: a cable, a plug, a transceiver. Null where the driver or sysfs does not say. */
  rxCrcErrors: total.nullable(),
  /** Missed by the card because the host did not take them in time; part of `rxDropped`. */
  rxMissed: total.nullable(),
  txBytes: total,
  txPackets: total,
  txErrors: total,
  txDropped: total,
  /** Collisions belong to half duplex: on a switched network they mean a mismatch. */
  collisions: total,
});
export type NetworkCounters = z.infer<typeof NetworkCounters>;

/** What happened within `intervalSeconds`. */
export const NetworkRates = z.object({
  rxBitsPerSecond: total,
  txBitsPerSecond: total,
  rxPacketsPerSecond: total,
  txPacketsPerSecond: total,
  /** Errors of both directions in the interval, not per second. */
  errors: total,
  dropped: total,
});
export type NetworkRates = z.infer<typeof NetworkRates>;

/** A bond as `/proc/1/net/bonding` tells it (kernel documentation, bonding). */
export const NetworkBond = z.object({
  /** `fault-tolerance (active-backup)`, `IEEE 802.3ad Dynamic link aggregation` … */
  mode: text,
  /** MII status of the bond: `up`, `down`, `going down` … */
  status: text,
  activeMember: text,
  members: z.array(z.object({ name: z.string(), status: text, linkFailures: count.nullable() })),
});
export type NetworkBond = z.infer<typeof NetworkBond>;

/** One interface. Null means that sysfs does not say: a link that is down has no speed, a virtual one no duplex. */
export const NetworkInterface = z.object({
  name: z.string(),
  /** `virtual` is a dummy, an ifb or any other without hardware; null where sysfs could not be read. */
  kind: z
    .enum([
      'physical',
      'wireless',
      'bond',
      'team',
      'bridge',
      'vlan',
      'macvlan',
      'ipvlan',
      'vxlan',
      'tunnel',
      'wireguard',
      'veth',
      'loopback',
      'virtual',
    ])
    .catch('virtual')
    .nullable(),
  driver: text,
  /** Set up by the administrator (`ip link set up`), whether or not there is a link. */
  adminUp: z.boolean().nullable(),
  /** RFC 2863: up, down, lowerlayerdown, dormant, notpresent, testing; `unknown` of drivers that do not tell, as lo and tunnels. */
  operState: text,
  /** Link on the wire; null while the interface is set down. */
  carrier: z.boolean().nullable(),
  /** Times the link went up or down since the interface exists: two or four are a normal boot. */
  carrierChanges: count.nullable(),
  speedBitsPerSecond: total.nullable(),
  duplex: openEnum(null, z.enum(['full', 'half']).nullable()),
  mtuBytes: count.nullable(),
  macAddress: text,
  /** The bond, team or bridge it is a port of. */
  master: text,
  bond: NetworkBond.nullable(),
  counters: NetworkCounters,
  rates: NetworkRates.nullable(),
});
export type NetworkInterface = z.infer<typeof NetworkInterface>;

/** An address of the host; loopback and IPv6 link-local ones are left out. */
export const NetworkAddress = z.object({
  address: z.string(),
  prefixLength: count.nullable(),
  interface: text,
  /**
   * How `interface` and `prefixLength` are known: `kernel` told them (IPv6); `route`: the only interface whose directly connected
   * network holds the address, which for a virtual IP kept on another interface is not where it sits; null: not known.
   */
  interfaceFrom: openEnum(null, z.enum(['kernel', 'route']).nullable()),
});
export type NetworkAddress = z.infer<typeof NetworkAddress>;

/** A default route of the main table; of several next hops (ECMP) the kernel shows the first one only. */
export const DefaultRoute = z.object({
  ipVersion: z.union([z.literal(4), z.literal(6)]),
  /** Null: the route needs no gateway. */
  gateway: text,
  interface: z.string(),
  metric: count,
});
export type DefaultRoute = z.infer<typeof DefaultRoute>;

/** `/etc/resolv.conf` of the host (resolv.conf(5)); kubelet hands it to pods with `dnsPolicy: Default`, and CoreDNS uses it. */
export const DnsSettings = z.object({
  servers: z.array(z.string()),
  search: z.array(z.string()),
  options: z.array(z.string()),
  /** What systemd-resolved asks in turn, where `servers` is its stub; null where there is no stub or it does not say. */
  upstream: z.array(z.string()).nullable(),
});
export type DnsSettings = z.infer<typeof DnsSettings>;

/** TCP over IPv4 and IPv6 since boot (`/proc/1/net/snmp`, `netstat`, `sockstat`). */
export const TcpHealth = z.object({
  /** Connections established or waiting for their close. */
  established: count.nullable(),
  timeWait: count.nullable(),
  orphaned: count.nullable(),
  sentSegments: total.nullable(),
  retransmittedSegments: total.nullable(),
  /** Connections refused because a program did not accept them in time. */
  listenOverflows: total.nullable(),
  /** As `listenOverflows`, with those dropped for other reasons, such as memory. */
  listenDrops: total.nullable(),
  syncookiesSent: total.nullable(),
  /** The same within `intervalSeconds`. */
  interval: z
    .object({
      retransmittedSegments: total,
      /** Of the segments sent; null below 100 segments, which say nothing. */
      retransmitRatio: z.number().min(0).max(1).nullable(),
      listenOverflows: total.nullable(),
      listenDrops: total.nullable(),
    })
    .nullable(),
});
export type TcpHealth = z.infer<typeof TcpHealth>;

/** The host's table of tracked connections (`/proc/1/net/stat/nf_conntrack`). */
export const Conntrack = z.object({
  entries: count,
  /** Null where the agent cannot tell that the limit it sees is the host's. */
  max: count.nullable(),
  /** `entries` of `max`; at 1 new connections are dropped. */
  usedRatio: z.number().nonnegative().nullable(),
  /** Packets dropped because no entry could be made, since boot. */
  dropped: count.nullable(),
  /** Entries thrown out to make room for new ones, since boot. */
  earlyDropped: count.nullable(),
  insertFailed: count.nullable(),
});
export type Conntrack = z.infer<typeof Conntrack>;

/**
 * The `network` family: interfaces, addresses, routes and the health of TCP in the host's network namespace, as process 1 sees it.
 * Speed, state and other settings come from sysfs, which shows the namespace it was mounted in: where that is not the host's they
 * are null, and `missing` says so.
 */
export const NetworkFacts = z.object({
  /** Time between the two looks that rates are made of, 1 to 60 seconds; null when there was no look before this one in that time. */
  intervalSeconds: z.number().positive().nullable(),
  /** All but the host's ends of the pods' interfaces. */
  interfaces: z.array(NetworkInterface),
  /** Interfaces left out, by what made them: `{veth: 31, calico: 12}`. */
  hidden: z.record(z.string(), count),
  /** Null when it could not be read. */
  addresses: z.array(NetworkAddress).nullable(),
  /** Addresses there are; IPVS and load balancers may keep thousands, of which `addresses` holds some. */
  addressesTotal: count.nullable(),
  defaultRoutes: z.array(DefaultRoute).nullable(),
  dns: DnsSettings.nullable(),
  tcp: TcpHealth.nullable(),
  /** Null where the kernel tracks no connections or does not say. */
  conntrack: Conntrack.nullable(),
  /** Whether the agent itself runs in the host's network namespace (hostNetwork); null when traffic was too little to tell. */
  agentInHostNamespace: z.boolean().nullable(),
});
export type NetworkFacts = z.infer<typeof NetworkFacts>;
