import type { NetworkFacts } from '@telemcp/shared/facts/network';
import type { PortsFacts } from '@telemcp/shared/facts/ports';

/** The network of a host on which nothing is wrong. */
export const SAMPLE_NETWORK: NetworkFacts = {
  intervalSeconds: null,
  interfaces: [],
  hidden: { veth: 12 },
  addresses: [{ address: '10.0.0.7', prefixLength: 24, interface: 'eth0', interfaceFrom: 'route' }],
  addressesTotal: 1,
  defaultRoutes: [{ ipVersion: 4, gateway: '10.0.0.254', interface: 'eth0', metric: 0 }],
  dns: { servers: ['10.0.0.2'], search: [], options: [], upstream: null },
  tcp: null,
  conntrack: null,
  agentInHostNamespace: null,
};

/** Its open ports. */
export const SAMPLE_PORTS: PortsFacts = {
  ports: [
    {
      port: 22,
      protocol: 'tcp',
      usualService: 'ssh',
      scope: 'any',
      addresses: ['0.0.0.0', '::'],
      acceptsIpv4: true,
      acceptsIpv6: true,
      sockets: 2,
      users: [{ uid: 0, name: 'root' }],
      acceptQueue: 0,
      receiveQueueBytes: null,
      dropped: null,
    },
  ],
  sockets: 2,
  tables: ['tcp', 'tcp6', 'udp', 'udp6'],
};
