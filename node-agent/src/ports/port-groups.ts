import type { ListeningPort } from '@telemcp/shared/facts/ports';
import type { ListeningSocket } from './socket-table.ts';
import { usualService } from './usual-services.ts';

/** Addresses and users told of one port; a load balancer may have thousands. */
const MAX_ADDRESSES = 16;
const MAX_USERS = 8;

interface Group {
  protocol: 'tcp' | 'udp';
  port: number;
  sockets: number;
  addresses: Set<string>;
  uids: Set<number>;
  queue: number;
  drops: number | null;
  widest: number;
  ipv4: boolean;
  ipv6: boolean;
  ipv6Any: boolean;
}

/** Makes ports of sockets as they come, keeping no more than a bounded row for each. */
export interface PortGroups {
  add(socket: ListeningSocket): void;
  /** Sockets added. */
  sockets(): number;
  /** Open to all first, then by number. */
  ports(userNames: ReadonlyMap<number, string>): ListeningPort[];
}

export function createPortGroups(): PortGroups {
  const groups = new Map<string, Group>();
  let count = 0;
  return {
    sockets: () => count,
    add: (socket) => {
      count += 1;
      const protocol = socket.table.startsWith('tcp') ? 'tcp' : 'udp';
      const key = `${protocol}/${socket.port}`;
      const group = groups.get(key) ?? emptyGroup(protocol, socket.port);
      groups.set(key, group);
      addTo(group, socket);
    },
    ports: (userNames) =>
      [...groups.values()]
        .sort((a, b) => a.widest - b.widest || a.port - b.port || (a.protocol < b.protocol ? -1 : 1))
        .map((group) => portOf(group, userNames)),
  };
}

function emptyGroup(protocol: 'tcp' | 'udp', port: number): Group {
  const sets = { addresses: new Set<string>(), uids: new Set<number>() };
  const seen = { ipv4: false, ipv6: false, ipv6Any: false };
  return { protocol, port, sockets: 0, ...sets, queue: 0, drops: null, widest: SCOPES.length, ...seen };
}

function addTo(group: Group, { address, uid, queue, drops }: ListeningSocket): void {
  group.sockets += 1;
  group.queue += queue;
  if (drops !== null) group.drops = (group.drops ?? 0) + drops;
  if (group.addresses.size < MAX_ADDRESSES) group.addresses.add(address);
  if (group.uids.size < MAX_USERS) group.uids.add(uid);
  group.widest = Math.min(group.widest, SCOPES.indexOf(scopeOf(address)));
  if (address.includes(':')) group.ipv6 = true;
  else group.ipv4 = true;
  if (address === '::') group.ipv6Any = true;
}

/** The widest first. */
const SCOPES = ['any', 'specific', 'loopback'] as const;

/** Who can reach an address: everyone who reaches the host, those on one of its addresses, or the host alone. */
export function scopeOf(address: string): ListeningPort['scope'] {
  if (address === '0.0.0.0' || address === '::') return 'any';
  return address === '::1' || address.startsWith('127.') ? 'loopback' : 'specific';
}

function portOf(group: Group, userNames: ReadonlyMap<number, string>): ListeningPort {
  const isTcp = group.protocol === 'tcp';
  return {
    port: group.port,
    protocol: group.protocol,
    usualService: usualService(group.protocol, group.port),
    scope: SCOPES[group.widest] ?? 'specific',
    addresses: [...group.addresses],
    acceptsIpv4: group.ipv4 ? true : group.ipv6Any ? null : false,
    acceptsIpv6: group.ipv6,
    sockets: group.sockets,
    users: [...group.uids].sort((a, b) => a - b).map((uid) => ({ uid, name: userNames.get(uid) ?? null })),
    acceptQueue: isTcp ? group.queue : null,
    receiveQueueBytes: isTcp ? null : group.queue,
    dropped: isTcp ? null : group.drops,
  };
}
