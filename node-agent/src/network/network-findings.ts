import type { Conntrack, DnsSettings, NetworkFacts, NetworkInterface, TcpHealth } from '@telemcp/shared/facts/network';
import type { Finding, Severity } from '../findings.ts';

/** A sound wire loses one frame in 10^9; from one in 10,000 on TCP slows down noticeably. */
const ERROR_RATIO = 1e-4;
const ENOUGH_ERRORS = 100;
/** Frames of protocols nobody listens to count as dropped, so a few are no fault. */
const DROP_RATIO = 0.01;
const ENOUGH_DROPS = 1000;
/** A boot takes two to four changes; this is a link that was lost many times. */
const CARRIER_CHANGES = 20;
/** New connections are dropped at 1; Kubernetes' own alert is at 0.75. */
const CONNTRACK_FULL = 0.9;
const CONNTRACK_HIGH = 0.75;
const RETRANSMIT_RATIO = 0.05;
const RETRANSMIT_RATIO_SINCE_BOOT = 0.02;
const ENOUGH_SEGMENTS = 10_000;
const LISTEN_OVERFLOWS = 100;
/** resolv.conf(5): the resolver takes no more, and kubelet says so in an event of every pod. */
const MAX_SERVERS = 3;

/** What wants attention in the `network` family. */
export function networkFindings(facts: NetworkFacts | null): Finding[] {
  if (facts === null) return [];
  return [
    ...facts.interfaces.flatMap(interfaceFindings),
    ...(facts.defaultRoutes?.length === 0 ? [find('warning', 'network', 'routes', 'no default route')] : []),
    ...(facts.tcp === null ? [] : tcpFindings(facts.tcp, facts.intervalSeconds)),
    ...(facts.conntrack === null ? [] : conntrackFindings(facts.conntrack)),
    ...(facts.dns === null ? [] : dnsFindings(facts.dns)),
  ];
}

function find(severity: Severity, kind: string, subject: string, text: string): Finding {
  return { severity, kind, subject, text };
}

function interfaceFindings(nic: NetworkInterface): Finding[] {
  const found: Finding[] = [];
  const say = (severity: Severity, text: string) => found.push(find(severity, 'network', nic.name, text));
  const isHardware = nic.kind === 'physical' || nic.kind === 'wireless';
  if (nic.bond?.status != null && nic.bond.status !== 'up') say('critical', `bond is ${nic.bond.status}`);
  for (const member of nic.bond?.members ?? []) {
    if (member.status !== null && member.status !== 'up')
      say('warning', `${member.name} of the bond is ${member.status}`);
  }
  // A port that nothing is plugged into is no fault; one that belongs to a bond is told with the bond.
  if (isHardware && nic.adminUp === true && nic.carrier === false && nic.master === null)
    say('note', 'set up, but no link');
  if (isHardware && nic.duplex === 'half') say('warning', 'half duplex: the other side is set otherwise');
  const { rxErrors, txErrors, rxDropped, txDropped, rxPackets, txPackets, rxCrcErrors } = nic.counters;
  const packets = rxPackets + txPackets;
  const errors = rxErrors + txErrors;
  const drops = rxDropped + txDropped;
  if (errors >= ENOUGH_ERRORS && errors >= packets * ERROR_RATIO) {
    const crc =
      rxCrcErrors === null || rxCrcErrors === 0 ? '' : `, ${rxCrcErrors} of them checksums: cable or transceiver`;
    say('warning', `${errors} errors in ${packets} packets${crc}`);
  } else if (nic.rates !== null && nic.rates.errors > 0) say('warning', `${nic.rates.errors} errors just now`);
  if (drops >= ENOUGH_DROPS && drops >= packets * DROP_RATIO) say('warning', `${drops} of ${packets} packets dropped`);
  if (isHardware && (nic.carrierChanges ?? 0) >= CARRIER_CHANGES)
    say('note', `the link went up or down ${nic.carrierChanges} times`);
  return found;
}

function tcpFindings(tcp: TcpHealth, seconds: number | null): Finding[] {
  const found: Finding[] = [];
  const now = tcp.interval;
  const sent = tcp.sentSegments ?? 0;
  const ratio = sent < ENOUGH_SEGMENTS ? 0 : (tcp.retransmittedSegments ?? 0) / sent;
  if ((now?.retransmitRatio ?? 0) >= RETRANSMIT_RATIO)
    found.push(find('warning', 'network', 'tcp', `${percent(now?.retransmitRatio ?? 0)} sent again in ${seconds} s`));
  else if (ratio >= RETRANSMIT_RATIO_SINCE_BOOT)
    found.push(find('note', 'network', 'tcp', `${percent(ratio)} of all segments since boot were sent again`));
  if ((now?.listenOverflows ?? 0) > 0)
    found.push(find('warning', 'network', 'tcp', `${now?.listenOverflows} connections not accepted in ${seconds} s`));
  else if ((tcp.listenOverflows ?? 0) >= LISTEN_OVERFLOWS)
    found.push(
      find('note', 'network', 'tcp', `${tcp.listenOverflows} connections since boot were not accepted in time`),
    );
  return found;
}

function conntrackFindings({ entries, max, usedRatio }: Conntrack): Finding[] {
  if (usedRatio === null || usedRatio < CONNTRACK_HIGH) return [];
  const severity = usedRatio >= CONNTRACK_FULL ? 'critical' : 'warning';
  return [
    find(severity, 'network', 'conntrack', `${entries} of ${max} entries; when full, new connections are dropped`),
  ];
}

function dnsFindings({ servers }: DnsSettings): Finding[] {
  if (servers.length === 0) return [find('note', 'network', '/etc/resolv.conf', 'names no server')];
  if (servers.length <= MAX_SERVERS) return [];
  const text = `${servers.length} servers, of which the first ${MAX_SERVERS} are used`;
  return [find('note', 'network', '/etc/resolv.conf', text)];
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(1)}%`;
}
