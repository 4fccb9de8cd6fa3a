import { expect, it, test } from 'vitest';
import { createPortGroups, scopeOf } from './port-groups.ts';
import type { ListeningSocket } from './socket-table.ts';

function portsOf(...sockets: Partial<ListeningSocket>[]) {
  const groups = createPortGroups();
  for (const socket of sockets) {
    groups.add({ table: 'tcp', address: '0.0.0.0', port: 80, uid: 0, queue: 0, drops: null, ...socket });
  }
  return groups.ports(new Map([[0, 'root']]));
}

test.each([
  ['0.0.0.0', 'any'],
  ['::', 'any'],
  ['127.0.0.53', 'loopback'],
  ['::1', 'loopback'],
  ['10.0.0.1', 'specific'],
  ['fe80::1', 'specific'],
])('%s is %s', (address, scope) => {
  expect(scopeOf(address)).toBe(scope);
});

test.each([
  [['0.0.0.0'], true, false],
  [['::'], null, true],
  [['0.0.0.0', '::'], true, true],
  [['::1'], false, true],
  [['10.0.0.1', '::'], true, true],
] as const)('%j accepts IPv4: %s, IPv6: %s', (addresses, acceptsIpv4, acceptsIpv6) => {
  expect(portsOf(...addresses.map((address) => ({ address })))).toMatchObject([{ acceptsIpv4, acceptsIpv6 }]);
});

it('is as open as its most open address, and the most open come first', () => {
  const ports = portsOf(
    { port: 5432, address: '127.0.0.1' },
    { port: 53, address: '10.0.0.1', table: 'udp', drops: 4, queue: 9 },
    { port: 443, address: '127.0.0.1' },
    { port: 443, address: '::', table: 'tcp6', queue: 2 },
    { port: 443, address: '::', table: 'tcp6', uid: 33, queue: 3 },
  );
  expect(ports.map(({ port, scope }) => [port, scope])).toEqual([
    [443, 'any'],
    [53, 'specific'],
    [5432, 'loopback'],
  ]);
  expect(ports[0]).toMatchObject({
    usualService: 'https',
    addresses: ['127.0.0.1', '::'],
    sockets: 3,
    users: [
      { uid: 0, name: 'root' },
      { uid: 33, name: null },
    ],
    acceptQueue: 5,
    dropped: null,
  });
  expect(ports[1]).toMatchObject({ protocol: 'udp', acceptQueue: null, receiveQueueBytes: 9, dropped: 4 });
});

it('keeps a bounded row of a port that is bound a thousand times', () => {
  const [port] = portsOf(...Array.from({ length: 1000 }, (_, i) => ({ address: `10.0.${i >> 8}.${i & 255}`, uid: i })));
  expect(port?.sockets).toBe(1000);
  expect(port?.addresses).toHaveLength(16);
  expect(port?.users).toHaveLength(8);
});
