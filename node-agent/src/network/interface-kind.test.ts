import { expect, test } from 'vitest';
import { kindOf, peerOf } from './interface-kind.ts';

test.each([
  ['veth1a2b3c4d', 'veth'],
  ['cali0123456789a', 'calico'],
  ['lxc_health', 'cilium'],
  ['lxc0123456789ab', 'cilium'],
  ['cilium_host', 'cilium'],
  ['eni0123456789a', 'aws-cni'],
  ['vnet12', 'vm'],
  ['tapdeadbeef-01', 'vm'],
  // What carries the traffic between nodes, and everything an administrator made, is shown.
  ['cilium_vxlan', null],
  ['flannel.1', null],
  ['vxlan.calico', null],
  ['eni0', null],
  ['lxcbr0', null],
  ['tap0', null],
  ['eth0', null],
])('%s belongs to %s', (name, peer) => {
  expect(peerOf(name)).toBe(peer);
});

const plain = { devType: undefined, hardwareType: 1, isVirtual: true, isLinked: false };

test.each([
  ['lo', { hardwareType: 772 }, 'loopback'],
  ['a card', { isVirtual: false, hardwareType: null }, 'physical'],
  ['a port of a switch chip, which names its kind', { devType: 'dsa', isVirtual: false }, 'physical'],
  ['a radio', { devType: 'wlan', isVirtual: false }, 'wireless'],
  ['a bond', { devType: 'bond' }, 'bond'],
  ['wireguard', { devType: 'wireguard', hardwareType: 65_534 }, 'wireguard'],
  ['tun', { hardwareType: 65_534 }, 'tunnel'],
  ['sit', { hardwareType: 776 }, 'tunnel'],
  ['a pair', { isLinked: true }, 'veth'],
  ['a dummy', {}, 'virtual'],
])('%s', (_, signs, kind) => {
  expect(kindOf({ ...plain, ...signs })).toBe(kind);
});
