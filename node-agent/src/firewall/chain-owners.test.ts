import { expect, it } from 'vitest';
import { ownerOf } from './chain-owners.ts';

it.each([
  ['filter', 'KUBE-SERVICES', 'kube-proxy'],
  ['kube-proxy', 'filter-input', 'kube-proxy'],
  ['filter', 'KUBE-ROUTER-INPUT', 'kube-router'],
  ['filter', 'KUBE-NWPLCY-XYZ', 'kube-router'],
  ['filter', 'cali-INPUT', 'calico'],
  ['calico', 'filter-cali-INPUT', 'calico'],
  ['mangle', 'OLD_CILIUM_PRE_mangle', 'cilium'],
  ['nat', 'FLANNEL-POSTRTG', 'flannel'],
  ['flannel-ipv4', 'forward', 'flannel'],
  ['nat', 'CNI-HOSTPORT-DNAT', 'cni'],
  ['cni_hostport', 'hostports', 'cni'],
  ['filter', 'DOCKER-USER', 'docker'],
  ['docker-bridges', 'filter-FORWARD', 'docker'],
  ['filter', 'ufw-before-input', 'ufw'],
  ['filter', 'ufw6-user-input', 'ufw'],
  ['firewalld', 'filter_INPUT', 'firewalld'],
  ['filter', 'INPUT_ZONES', 'firewalld'],
  ['filter', 'FORWARD_IN_ZONES_SOURCE', 'firewalld'],
  ['mine', 'lan_direct', 'other'],
  ['filter', 'LIBVIRT_INP', 'libvirt'],
  ['libvirt_network', 'guest_input', 'libvirt'],
  ['filter', 'f2b-sshd', 'fail2ban'],
  ['crowdsec6', 'crowdsec6-chain', 'crowdsec'],
  ['filter', 'CROWDSEC_CHAIN', 'crowdsec'],
  ['netavark', 'INPUT', 'podman'],
  ['filter', 'INPUT', 'iptables'],
  ['filter', 'input', 'other'],
  ['mine', 'INPUT', 'other'],
  ['filter', 'my-rules', 'other'],
])('table %s, chain %s: %s', (table, chain, owner) => {
  expect(ownerOf(table, chain)).toBe(owner);
});
