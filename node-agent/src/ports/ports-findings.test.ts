import type { ListeningPort } from '@telemcp/shared/facts/ports';
import { expect, test } from 'vitest';
import { SAMPLE_PORTS } from '../../test/sample-network.ts';
import { portsFindings, portsSummary } from './ports-findings.ts';

test.each<[string, Partial<ListeningPort>, string[]]>([
  ['nothing', {}, []],
  ['a short queue', { acceptQueue: 1 }, ['note 22/tcp ssh: 1 connections wait to be accepted']],
  ['a long one', { acceptQueue: 129 }, ['warning 22/tcp ssh: 129 connections wait to be accepted']],
  [
    'datagrams lost',
    { port: 514, protocol: 'udp', usualService: null, acceptQueue: null, dropped: 100 },
    ['note 514/udp: 100 datagrams dropped, not read in time'],
  ],
  [
    'an API for everybody',
    { port: 2375, usualService: 'docker-api-without-tls' },
    ['warning 2375/tcp docker-api-without-tls: usually without authentication, and not only on loopback'],
  ],
  ['the same for the host alone', { port: 2375, usualService: 'docker-api-without-tls', scope: 'loopback' }, []],
])('%s', (_, change, expected) => {
  const facts = { ...SAMPLE_PORTS, ports: SAMPLE_PORTS.ports.map((port) => ({ ...port, ...change })) };
  expect(portsFindings(facts).map(({ severity, subject, text }) => `${severity} ${subject}: ${text}`)).toEqual(
    expected,
  );
});

test('one line for a terminal', () => {
  expect(portsSummary(SAMPLE_PORTS)).toBe('1 open on all addresses, 0 on some, 0 on loopback: TCP 22');
  expect(portsFindings(null)).toEqual([]);
});
