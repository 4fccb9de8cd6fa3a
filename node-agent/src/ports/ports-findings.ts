import type { ListeningPort, PortsFacts } from '@telemcp/shared/facts/ports';
import type { Finding } from '../findings.ts';

/** The oldest of the usual limits of an accept queue is 128: near it, connections are about to be refused. */
const QUEUE_LONG = 100;
const ENOUGH_DROPS = 100;
/** Ports that give the host away to whoever reaches them: an API without authentication. */
const UNPROTECTED: readonly string[] = ['docker-api-without-tls', 'kubelet-read-only'];

/** What wants attention in the `ports` family. */
export function portsFindings(facts: PortsFacts | null): Finding[] {
  return (facts?.ports ?? []).flatMap(portFindings);
}

function portFindings(port: ListeningPort): Finding[] {
  const subject = portName(port);
  const finding = { kind: 'port', subject };
  const found: Finding[] = [];
  const waiting = port.acceptQueue ?? 0;
  if (waiting > 0) {
    const text = `${waiting} connections wait to be accepted`;
    found.push({ severity: waiting >= QUEUE_LONG ? 'warning' : 'note', ...finding, text });
  }
  if ((port.dropped ?? 0) >= ENOUGH_DROPS)
    found.push({ severity: 'note', ...finding, text: `${port.dropped} datagrams dropped, not read in time` });
  if (port.scope !== 'loopback' && UNPROTECTED.includes(port.usualService ?? ''))
    found.push({ severity: 'warning', ...finding, text: 'usually without authentication, and not only on loopback' });
  return found;
}

function portName({ port, protocol, usualService }: ListeningPort): string {
  return `${port}/${protocol}${usualService === null ? '' : ` ${usualService}`}`;
}

/** The family in one line, for a terminal. */
export function portsSummary({ ports }: PortsFacts): string {
  const count = (scope: ListeningPort['scope']) => ports.filter((port) => port.scope === scope).length;
  const open = ports.filter((port) => port.scope === 'any' && port.protocol === 'tcp').map((port) => port.port);
  const shown = open.length === 0 ? '' : `: TCP ${open.slice(0, 12).join(' ')}${open.length > 12 ? ' …' : ''}`;
  return `${count('any')} open on all addresses, ${count('specific')} on some, ${count('loopback')} on loopback${shown}`;
}
