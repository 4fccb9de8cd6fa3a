import type { NetworkFacts, NetworkInterface } from '@telemcp/shared/facts/network';

/** Something about a network that wants attention: where, of what kind, with what figures. */
export interface NetworkProblem {
  subject: string;
  /** The same words on every node, so that nodes can be counted by them. */
  kind: string;
  detail: string;
  /** 0 breaks traffic now, 1 harms it, 2 is only worth knowing. */
  rank: 0 | 1 | 2;
}

/** A sound wire loses one frame in 10^9; from one in 10,000 on TCP slows down noticeably. */
const ERROR_RATIO = 1e-4;
const ENOUGH_ERRORS = 100;
/** Frames of protocols nobody listens to count as dropped, so a few are no fault. */
const DROP_RATIO = 0.01;
const ENOUGH_DROPS = 1000;
const FLAPS = 20;
/** New connections are dropped at 1; Kubernetes' own alert is at 0.75. */
const CONNTRACK_HIGH = 0.75;
const CONNTRACK_FULL = 0.9;
const RETRANSMIT_RATIO = 0.05;
/** resolv.conf(5): the resolver takes no more, and kubelet says so in an event of every pod. */
const MAX_SERVERS = 3;

/** What wants attention on one node, worst first. */
export function networkProblems(facts: NetworkFacts): NetworkProblem[] {
  const { defaultRoutes, conntrack, tcp, dns } = facts;
  const found = facts.interfaces.flatMap(interfaceProblems);
  const say = (rank: NetworkProblem['rank'], subject: string, kind: string, detail = '') =>
    found.push({ rank, subject, kind, detail });
  if (defaultRoutes?.length === 0) say(1, 'routes', 'no default route');
  const used = conntrack?.usedRatio ?? 0;
  if (used >= CONNTRACK_HIGH)
    say(used >= CONNTRACK_FULL ? 0 : 1, 'conntrack', 'nearly full', `${conntrack?.entries} of ${conntrack?.max}`);
  const again = tcp?.interval?.retransmitRatio ?? 0;
  if (again >= RETRANSMIT_RATIO) say(1, 'tcp', 'many retransmits', `${(again * 100).toFixed(1)}%`);
  const overflows = tcp?.interval?.listenOverflows ?? 0;
  if (overflows > 0) say(1, 'tcp', 'connections not accepted in time', `${overflows} in ${facts.intervalSeconds}s`);
  if ((dns?.servers.length ?? 0) > MAX_SERVERS)
    say(2, 'dns', `more than ${MAX_SERVERS} servers, the rest unused`, `${dns?.servers.length}`);
  return found.sort((a, b) => a.rank - b.rank);
}

/** What is the matter with one interface. */
export function interfaceProblems(nic: NetworkInterface): NetworkProblem[] {
  const found: NetworkProblem[] = [];
  const say = (rank: NetworkProblem['rank'], kind: string, detail = '') =>
    found.push({ rank, subject: nic.name, kind, detail });
  const isHardware = nic.kind === 'physical' || nic.kind === 'wireless';
  if (nic.bond?.status != null && nic.bond.status !== 'up') say(0, 'bond down', nic.bond.status);
  for (const { name, status, linkFailures } of nic.bond?.members ?? []) {
    if (status === null || status === 'up') continue;
    say(1, `bond member ${status}`, `${name}${linkFailures === null ? '' : `, ${linkFailures} failures`}`);
  }
  // Nothing plugged in is no fault; a bond tells of its own members.
  if (isHardware && nic.adminUp === true && nic.carrier === false && nic.master === null) say(2, 'no link');
  if (isHardware && nic.duplex === 'half') say(1, 'half duplex');
  const { rxErrors, txErrors, rxDropped, txDropped, rxPackets, txPackets, rxCrcErrors } = nic.counters;
  const packets = rxPackets + txPackets;
  const errors = rxErrors + txErrors;
  if (errors >= ENOUGH_ERRORS && errors >= packets * ERROR_RATIO)
    say(
      1,
      'errors',
      `${share(errors, packets)} of packets since boot${(rxCrcErrors ?? 0) > 0 ? `, ${rxCrcErrors} CRC` : ''}`,
    );
  else if ((nic.rates?.errors ?? 0) > 0) say(1, 'errors just now', `${nic.rates?.errors}`);
  const drops = rxDropped + txDropped;
  if (drops >= ENOUGH_DROPS && drops >= packets * DROP_RATIO)
    say(1, 'drops', `${share(drops, packets)} of packets since boot`);
  if (isHardware && (nic.carrierChanges ?? 0) >= FLAPS) say(2, 'link flapped', `${nic.carrierChanges} changes`);
  return found;
}

function share(part: number, whole: number): string {
  return whole === 0 ? `${part}` : `${Number(((part / whole) * 100).toPrecision(2))}%`;
}

/** Bits per second as `412Mb/s`, `10Gb/s`. */
export function showBitRate(bitsPerSecond: number): string {
  const steps = [
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ] as const;
  const [prefix, size] = steps.find(([, each]) => bitsPerSecond >= each) ?? ['', 1];
  const value = bitsPerSecond / size;
  return `${value >= 99.5 ? Math.round(value) : Number(value.toPrecision(2))}${prefix}b/s`;
}
