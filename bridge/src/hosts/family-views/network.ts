import { AgentAnswer, envelopeOf } from '@telemcp/shared/envelope';
import { NetworkFacts, type NetworkInterface } from '@telemcp/shared/facts/network';
import type { Cell, Table } from '../../answer.ts';
import { briefText, countOf, listNames } from '../../brief-text.ts';
import { defineFamilyView, propertyTable } from '../family-view.ts';
import type { Look } from '../fleet-looks.ts';
import { interfaceProblems, networkProblems, showBitRate } from '../network-problems.ts';
import { rollUpTable, withRollUp } from '../roll-up.ts';

const INTERFACES = 12;
const PROBLEMS = 15;

/** The `network` family: what is wrong first, then interfaces with their traffic, addresses, routes, DNS, TCP, conntrack. */
export const networkView = defineFamilyView<NetworkFacts>({
  schema: AgentAnswer.extend(envelopeOf(NetworkFacts).shape),
  one: (look, all) => {
    const { data } = look;
    const other = networkProblems(data).filter(({ subject }) => data.interfaces.every(({ name }) => name !== subject));
    const said = other.map(({ subject, kind, detail }) => `${subject} ${kind}${detail === '' ? '' : ` (${detail})`}`);
    return {
      summary: [interfaceWords(data), ...said].map((part) => briefText(part, 160)).join('; '),
      tables: [interfacesTable(data, all), hostTable(data, all)],
    };
  },
  fleet: ({ looks }, all) => {
    const values = (read: (data: NetworkFacts) => string | number | null) =>
      looks.map(({ node, data }) => {
        const value = read(data);
        return { node, value: value === null || value === '' ? null : String(value) };
      });
    const main = (data: NetworkFacts) =>
      data.interfaces.find(({ name }) => name === data.defaultRoutes?.[0]?.interface);
    const affected = looks.filter(({ data }) => networkProblems(data).length > 0).length;
    return {
      summary: affected === 0 ? 'no problems seen' : `problems on ${affected} of ${countOf(looks.length, 'node')}`,
      tables: withRollUp(
        problemsTable(looks, all),
        rollUpTable([
          ['defaultInterface', values((data) => main(data)?.name ?? null)],
          ['speed', values((data) => showSpeed(main(data)))],
          ['mtu', values((data) => main(data)?.mtuBytes ?? null)],
          ['driver', values((data) => main(data)?.driver ?? null)],
          ['gateway', values((data) => data.defaultRoutes?.[0]?.gateway ?? null)],
          ['dns', values((data) => listNames(data.dns?.upstream ?? data.dns?.servers ?? [], 4))],
          ['search', values((data) => listNames(data.dns?.search ?? [], 4))],
          ['conntrackMax', values((data) => data.conntrack?.max ?? null)],
        ]),
      ),
      notes: busiest(looks),
    };
  },
});

function interfaceWords({ interfaces, hidden }: NetworkFacts): string {
  const own = interfaces.filter(({ kind }) => kind !== 'loopback');
  const up = own.filter(isUp).length;
  const pods = Object.entries(hidden).map(([kind, count]) => `${count} ${kind}`);
  const states = own.every(({ operState }) => operState !== null)
    ? `${up} of ${own.length} interfaces up`
    : countOf(own.length, 'interface');
  return pods.length === 0 ? states : `${states}, not shown: ${pods.join(', ')}`;
}

/** Drivers of tunnels do not tell their state; the carrier then does. */
function isUp({ operState, carrier }: NetworkInterface): boolean {
  return operState === 'up' || (operState === 'unknown' && carrier === true);
}

/** Those with a problem first, those in use by their traffic, those set down only when asked for. */
function interfacesTable({ interfaces }: NetworkFacts, all: boolean): Table {
  const rank = (nic: NetworkInterface) => interfaceProblems(nic)[0]?.rank ?? 3;
  const traffic = ({ rates, counters }: NetworkInterface) =>
    rates === null ? counters.rxBytes + counters.txBytes : rates.rxBitsPerSecond + rates.txBitsPerSecond;
  const wanted = interfaces.filter(
    (nic) => all || (nic.kind !== 'loopback' && (nic.adminUp !== false || rank(nic) < 3)),
  );
  const rows = wanted
    .toSorted((a, b) => rank(a) - rank(b) || traffic(b) - traffic(a))
    .map((nic): Cell[] => [
      briefText(nic.name, 40),
      nic.adminUp === false ? 'set down' : nic.operState === 'unknown' && isUp(nic) ? 'up' : nic.operState,
      nic.rates === null ? null : showBitRate(nic.rates.rxBitsPerSecond),
      nic.rates === null ? null : showBitRate(nic.rates.txBitsPerSecond),
      briefText(notesOf(nic, all), 200),
    ]);
  return { name: 'interfaces', columns: ['name', 'state', 'rx', 'tx', 'detail'], rows, limit: INTERFACES };
}

function notesOf(nic: NetworkInterface, all: boolean): string {
  const problems = interfaceProblems(nic).map(({ kind, detail }) => (detail === '' ? kind : `${kind}: ${detail}`));
  const { rxErrors, txErrors, rxDropped, txDropped } = nic.counters;
  const parts = [
    ...problems,
    nic.kind === 'physical' ? (nic.driver ?? nic.kind) : nic.kind,
    showSpeed(nic),
    nic.bond?.activeMember == null ? null : `active ${nic.bond.activeMember}`,
    nic.master === null ? null : `in ${nic.master}`,
    nic.mtuBytes === null ? null : `mtu ${nic.mtuBytes}`,
    all ? nic.macAddress : null,
    all ? `${rxErrors + txErrors} errors, ${rxDropped + txDropped} dropped` : null,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

function showSpeed(nic: NetworkInterface | undefined): string | null {
  if (nic === undefined || nic.speedBitsPerSecond === null) return null;
  return `${showBitRate(nic.speedBitsPerSecond)}${nic.duplex === null || nic.duplex === 'full' ? '' : ` ${nic.duplex}`}`;
}

function hostTable(data: NetworkFacts, all: boolean): Table {
  const { addresses, defaultRoutes, dns, tcp, conntrack } = data;
  const own = (addresses ?? []).map(({ address, prefixLength, interface: on }) => {
    const place = on === null ? '' : ` ${on}`;
    return `${address}${prefixLength === null ? '' : `/${prefixLength}`}${place}`;
  });
  const more = (data.addressesTotal ?? 0) - own.length;
  const count = (value: number | null | undefined, words: string) => (value == null ? null : `${value} ${words}`);
  const now = tcp?.interval?.retransmitRatio ?? null;
  const rows = propertyTable([
    ['addresses', `${listNames(own, all ? 64 : 6)}${more > 0 ? ` (${more} further)` : ''}`],
    ['defaultRoute', (defaultRoutes ?? []).map((route) => `${route.gateway ?? 'link'} ${route.interface}`).join(', ')],
    [
      'dns',
      dns === null
        ? null
        : [listNames(dns.servers, 4), dns.upstream === null ? null : `asking ${listNames(dns.upstream, 4)}`]
            .filter(Boolean)
            .join(' '),
    ],
    ['search', dns === null ? null : listNames(dns.search, all ? 32 : 6)],
    [
      'tcp',
      [
        count(tcp?.established, 'established'),
        count(tcp?.timeWait, 'time-wait'),
        now === null ? null : `${Number((now * 100).toPrecision(2))}% retransmitted now`,
        tcp?.listenOverflows ? `${tcp.listenOverflows} listen overflows since boot` : null,
      ]
        .filter((part) => part !== null)
        .join(', '),
    ],
    [
      'conntrack',
      conntrack === null
        ? null
        : `${conntrack.entries}${conntrack.usedRatio === null ? '' : ` of ${conntrack.max} (${Math.round(conntrack.usedRatio * 100)}%)`}`,
    ],
    ['resolverOptions', all ? (dns?.options.join(' ') ?? null) : null],
  ]);
  return { name: 'host', columns: rows.columns, rows: rows.rows.map((row) => row.map(brief)) };
}

function brief(cell: Cell): Cell {
  return typeof cell === 'string' ? briefText(cell, 400) : cell;
}

/** Problems by kind, with the nodes that have them. */
function problemsTable(looks: readonly Look<NetworkFacts>[], all: boolean): Table {
  const found = looks.flatMap(({ node, data }) => networkProblems(data).map((problem) => ({ node, problem })));
  const groups = [...Map.groupBy(found, ({ problem }) => `${problem.subject} ${problem.kind}`).values()];
  const rows = groups
    .flatMap((group) => (group[0] === undefined ? [] : [{ group, first: group[0].problem }]))
    .sort((a, b) => a.first.rank - b.first.rank || b.group.length - a.group.length)
    .map(({ group, first }): Cell[] => [
      briefText(first.subject, 40),
      briefText(first.kind, 60),
      group.length,
      briefText(
        listNames(
          group.map(({ node, problem }) => (problem.detail === '' ? node : `${node} (${problem.detail})`)),
          3,
        ),
        240,
      ),
    ]);
  return { name: 'problems', columns: ['where', 'problem', 'nodes', 'on'], rows, ...(all ? {} : { limit: PROBLEMS }) };
}

/** The nodes nearest to a limit, also where it is not reached. */
function busiest(looks: readonly Look<NetworkFacts>[]): string[] {
  const most = (read: (data: NetworkFacts) => number | null) =>
    looks
      .flatMap(({ node, data }) => {
        const value = read(data);
        return value === null ? [] : [{ node, value }];
      })
      .sort((a, b) => b.value - a.value)[0];
  const conntrack = most((data) => data.conntrack?.usedRatio ?? null);
  const connections = most((data) => data.tcp?.established ?? null);
  const parts = [
    conntrack === undefined ? null : `conntrack ${conntrack.node} ${Math.round(conntrack.value * 100)}%`,
    connections === undefined ? null : `TCP connections ${connections.node} ${connections.value}`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? [] : [`most: ${parts.join(', ')}`];
}
