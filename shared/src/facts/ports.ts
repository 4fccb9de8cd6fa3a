import * as z from 'zod';

const count = z.number().int().nonnegative();

/** A port on which the host listens: all sockets with the same number and protocol. */
export const ListeningPort = z.object({
  port: count.max(65_535),
  protocol: z.enum(['tcp', 'udp']),
  /** What usually listens there (`kubelet`, `etcd-peer`); a guess by number, no proof of the program. */
  usualService: z.string().nullable(),
  /** The widest of its addresses: `any` = every address of the host, `specific` = some, `loopback` = none from outside. */
  scope: z.enum(['any', 'specific', 'loopback']),
  /** Addresses bound, up to 16; `0.0.0.0` and `::` stand for all. */
  addresses: z.array(z.string()),
  /** Null: bound to `::` only, which takes IPv4 too unless the program asked for IPv6 alone; the kernel does not show that. */
  acceptsIpv4: z.boolean().nullable(),
  acceptsIpv6: z.boolean(),
  /** More than one where it is bound to several addresses, or shared between workers (SO_REUSEPORT). */
  sockets: count.positive(),
  /** Who opened them, by the host's /etc/passwd; null of an id that has no name there. */
  users: z.array(z.object({ uid: count, name: z.string().nullable() })),
  /** TCP: connections that wait to be accepted at this moment; null for UDP. The limit cannot be seen. */
  acceptQueue: count.nullable(),
  /** UDP: bytes received that wait to be read; null for TCP. */
  receiveQueueBytes: count.nullable(),
  /** UDP: datagrams dropped because the program did not read in time, since the sockets were opened; null for TCP. */
  dropped: count.nullable(),
});
export type ListeningPort = z.infer<typeof ListeningPort>;

/**
 * The `ports` family: where programs in the host's network namespace listen (TCP) or wait for datagrams (UDP, not connected), by
 * process 1's `/proc/1/net/{tcp,tcp6,udp,udp6}`. Which process it is would need hostPID and ptrace rights, so it is not said.
 * Not among them: pods with a network of their own, and what the packet filter redirects without a socket (hostPort, NodePort).
 */
export const PortsFacts = z.object({
  /** Open to every address first, then by number; up to the agent's limit (`total` and `truncated` of the envelope). */
  ports: z.array(ListeningPort),
  /** Sockets that `ports` was made of, with those beyond the limit. */
  sockets: count,
  /** Tables that could be read, `tcp6` and `udp6` being absent where IPv6 is switched off. */
  tables: z.array(z.enum(['tcp', 'tcp6', 'udp', 'udp6'])),
});
export type PortsFacts = z.infer<typeof PortsFacts>;
