import type { NetworkInterface } from '@telemcp/shared/facts/network';

export type InterfaceKind = Exclude<NetworkInterface['kind'], null>;

/** Ends of pods' and virtual machines' interfaces on the host, by the names that those who make them give. */
const PEERS: readonly (readonly [RegExp, string])[] = [
  [/^veth/, 'veth'],
  [/^cali[0-9a-f]{11}$/, 'calico'],
  [/^lxc(_health|[0-9a-f]{12})$|^cilium_(host|net)$/, 'cilium'],
  [/^eni[0-9a-f]{11}$/, 'aws-cni'],
  [/^azv[0-9a-f]{11}$/, 'azure-cni'],
  [/^gke[0-9a-f]{11}$/, 'gke'],
  [/^(tap|qvo|qvb|qbr)[0-9a-f]{8}-|^vnet\d+$/, 'vm'],
];

/** What made an interface that belongs to a pod or a virtual machine; null of all others. A node has hundreds of them. */
export function peerOf(name: string): string | null {
  return PEERS.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

/** What sysfs says of an interface's nature. */
export interface KindSigns {
  /** `DEVTYPE` of uevent; undefined where the driver gives none. */
  devType: string | undefined;
  /** `type`: the hardware type (ARPHRD_ of if_arp.h); null of those that uevent or hardware tells apart. */
  hardwareType: number | null;
  /** Under /sys/devices/virtual. */
  isVirtual: boolean;
  /** `iflink` differs from the own index: it is the end of a pair, or sits on another interface. */
  isLinked: boolean;
}

const BY_DEVTYPE: Readonly<Record<string, InterfaceKind>> = {
  bond: 'bond',
  team: 'team',
  bridge: 'bridge',
  vlan: 'vlan',
  macvlan: 'macvlan',
  macvtap: 'macvlan',
  ipvlan: 'ipvlan',
  ipvtap: 'ipvlan',
  vxlan: 'vxlan',
  geneve: 'tunnel',
  gretap: 'tunnel',
  ppp: 'tunnel',
  wireguard: 'wireguard',
  wlan: 'wireless',
};

const LOOPBACK = 772;
/** ipip, ip6tnl, sit, gre, ip6gre, and the interfaces without a link layer, such as tun. */
const TUNNELS: readonly number[] = [768, 769, 776, 778, 823, 65_534];

export function kindOf({ devType, hardwareType, isVirtual, isLinked }: KindSigns): InterfaceKind {
  if (hardwareType === LOOPBACK) return 'loopback';
  const known = devType === undefined ? undefined : BY_DEVTYPE[devType];
  if (known !== undefined) return known;
  if (!isVirtual) return 'physical';
  if (hardwareType !== null && TUNNELS.includes(hardwareType)) return 'tunnel';
  return isLinked ? 'veth' : 'virtual';
}
