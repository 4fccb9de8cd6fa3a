import { AgentAnswer, envelopeOf } from '@telemcp/shared/envelope';
import { type ListeningPort, PortsFacts } from '@telemcp/shared/facts/ports';
import type { Cell, Table } from '../../answer.ts';
import { briefText, countOf, listNames } from '../../brief-text.ts';
import { defineFamilyView } from '../family-view.ts';
import type { Look } from '../fleet-looks.ts';

const PORTS = 25;
const DEVIATIONS = 15;
const ENOUGH_DROPS = 100;

/** The `ports` family: of one node what others can reach, over the fleet the ports that not all nodes have open. */
export const portsView = defineFamilyView<PortsFacts>({
  schema: AgentAnswer.extend(envelopeOf(PortsFacts).shape),
  one: ({ data, total }, all) => {
    const reachable = data.ports.filter((port) => all || port.scope !== 'loopback' || troubleOf(port) !== '');
    const local = data.ports.filter((port) => !reachable.includes(port));
    const count = (scope: ListeningPort['scope']) => data.ports.filter((port) => port.scope === scope).length;
    const unread = (total ?? 0) - data.ports.length;
    const rows = reachable
      .toSorted((a, b) => Number(troubleOf(b) !== '') - Number(troubleOf(a) !== ''))
      .map((port): Cell[] => [
        `${port.port}/${port.protocol}`,
        port.usualService === null ? null : briefText(port.usualService, 40),
        boundTo(port),
        listNames(
          port.users.map(({ uid, name }) => (name === null ? `uid ${uid}` : briefText(name, 40))),
          3,
        ),
        troubleOf(port) || null,
      ]);
    const hasTrouble = rows.some((row) => row[4] !== null);
    const columns = ['port', 'usually', 'bound', 'user', ...(hasTrouble ? ['trouble'] : [])];
    return {
      summary: `${countOf(count('any'), 'port')} open on all addresses, ${count('specific')} on some, ${count('loopback')} on loopback only`,
      tables: [{ columns, rows: hasTrouble ? rows : rows.map((row) => row.slice(0, 4)), limit: PORTS }],
      notes: [
        ...(local.length === 0 ? [] : [`loopback only: ${listNames(local.map(nameOf), 12)}`]),
        ...(reachable.some((port) => port.acceptsIpv4 === null)
          ? [':: takes IPv4 too unless its program asked for IPv6 alone']
          : []),
        ...(unread > 0 ? [`${unread} further ports were counted only`] : []),
      ],
    };
  },
  fleet: ({ looks }, all) => {
    const open = byPort(looks, all);
    const common = open.filter(({ nodes }) => nodes.length === looks.length);
    const deviating = open.filter(({ nodes }) => nodes.length < looks.length);
    const troubles = troublesOf(looks);
    return {
      summary: `${common.length} ports reachable on all, ${deviating.length} on some; ${
        troubles.length === 0 ? 'no queues or drops' : `${countOf(troubles.length, 'port')} with queues or drops`
      }`,
      tables: [deviationTable(common, deviating, looks, all)],
      notes: troubles.length === 0 ? [] : [`queues and drops: ${troubles.slice(0, 5).join('; ')}`],
    };
  },
});

/** Ports with a queue or drops, each with its nodes. */
function troublesOf(looks: readonly Look<PortsFacts>[]): string[] {
  const found = looks.flatMap(({ node, data }) =>
    data.ports.map((port) => ({ node, port, trouble: troubleOf(port) })).filter(({ trouble }) => trouble !== ''),
  );
  return [...Map.groupBy(found, ({ port }) => nameOf(port))].map(([name, group]) => {
    const nodes = group.map(({ node, trouble }) => `${node} ${trouble}`);
    return `${name}: ${listNames(nodes, 3)}`;
  });
}

interface OpenPort {
  key: string;
  nodes: string[];
}

/** Ports with their scope, and the nodes that have them so. Those on loopback only when asked for. */
function byPort(looks: readonly Look<PortsFacts>[], all: boolean): OpenPort[] {
  const found = looks.flatMap(({ node, data }) =>
    data.ports
      .filter((port) => all || port.scope !== 'loopback')
      .map((port) => ({ node, key: `${nameOf(port)}${port.scope === 'any' ? '' : ` ${port.scope}`}` })),
  );
  return [...Map.groupBy(found, ({ key }) => key)].map(([key, group]) => ({
    key,
    nodes: group.map(({ node }) => node),
  }));
}

/** What a few have first: a port that one node alone has open is what a reader looks for. */
function deviationTable(
  common: readonly OpenPort[],
  deviating: readonly OpenPort[],
  looks: readonly Look<PortsFacts>[],
  all: boolean,
): Table {
  const rows = deviating
    .map(({ key, nodes }) => {
      const without = looks.map(({ node }) => node).filter((node) => !nodes.includes(node));
      const few = nodes.length <= without.length;
      const cells: Cell[] = [key, nodes.length, few ? listNames(nodes, 5) : `not ${listNames(without, 5)}`];
      return { cells, size: Math.min(nodes.length, without.length) };
    })
    .sort((a, b) => a.size - b.size)
    .map(({ cells }) => cells);
  const shared =
    common.length === 0
      ? {}
      : {
          common: {
            reachable: listNames(
              common.map(({ key }) => key),
              30,
            ),
          },
        };
  return {
    ...shared,
    columns: rows.length === 0 ? [] : ['port', 'nodes', 'on'],
    rows,
    ...(all ? {} : { limit: DEVIATIONS }),
  };
}

/** `6443/tcp kube-apiserver`. */
function nameOf({ port, protocol, usualService }: ListeningPort): string {
  return `${port}/${protocol}${usualService === null ? '' : ` ${briefText(usualService, 40)}`}`;
}

/** `*` for every address of both versions, else the addresses. */
function boundTo({ addresses, sockets }: ListeningPort): string {
  if (addresses.includes('0.0.0.0') && addresses.includes('::')) return '*';
  const more = addresses.length >= 16 && sockets > addresses.length ? ` of ${sockets} sockets` : '';
  return `${listNames(
    addresses.map((address) => briefText(address, 64)),
    3,
  )}${more}`;
}

function troubleOf({ acceptQueue, dropped }: ListeningPort): string {
  if ((acceptQueue ?? 0) > 0) return `${acceptQueue} waiting to be accepted`;
  return (dropped ?? 0) >= ENOUGH_DROPS ? `${dropped} datagrams dropped` : '';
}
