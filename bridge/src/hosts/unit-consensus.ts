import type { SystemdUnit } from '@telemcp/shared/facts/systemd';
import type { Cell, Table } from '../answer.ts';
import { listNames } from '../brief-text.ts';
import { secondsBetween, showAge, showMoment } from '../format-time.ts';
import type { Look } from './fleet-looks.ts';
import { showCause, showDetail, showState, TROUBLE, urgency } from './unit-state.ts';

/** One unit over the fleet: what most nodes say, and the nodes that deserve a look. */
export interface UnitConsensus {
  /** `active (running) on 96, failed on 2`. */
  summary: string;
  /** Null when all nodes agree and nothing is wrong. */
  table: Table | null;
  notes: string[];
  /** The node to look at first. */
  worst: string | null;
}

/** More nodes than this in the same state for the same cause become one row. */
const MAX_ALIKE = 3;

/** The commonest state is the consensus. Nodes in another state, and nodes in trouble even if most are, become rows, worst first. */
export function unitConsensus(looks: readonly Look<SystemdUnit>[], limit: number): UnitConsensus {
  const states = Map.groupBy(looks, (look) => showState(look.data));
  const [most, ...others] = [...states].sort(([, a], [, b]) => b.length - a.length || urgencyOf(b) - urgencyOf(a));
  const [consensus = ''] = most ?? [];
  const ranked = [...(most === undefined ? [] : [most]), ...others.sort(([, a], [, b]) => urgencyOf(a) - urgencyOf(b))];
  const odd = looks.filter(({ data }) => showState(data) !== consensus || urgency(data) <= TROUBLE);
  const rows = foldAlike(odd.sort((a, b) => urgency(a.data) - urgency(b.data) || longestFirst(a, b)));
  return {
    summary: ranked.map(([state, group]) => `${state} on ${ranked.length === 1 ? 'all' : group.length}`).join(', '),
    table: rows.length === 0 ? null : { columns: ['node', 'state', 'since', 'age', 'detail'], rows, limit },
    notes: [...restartNote(looks.filter((look) => !odd.includes(look))), ...reloadNote(looks)],
    worst: odd[0]?.node ?? null,
  };
}

function urgencyOf(looks: readonly Look<SystemdUnit>[]): number {
  return looks[0] === undefined ? 0 : urgency(looks[0].data);
}

function longestFirst(a: Look<SystemdUnit>, b: Look<SystemdUnit>): number {
  return (stateAge(b) ?? 0) - (stateAge(a) ?? 0) || (a.node < b.node ? -1 : 1);
}

function stateAge({ data, answeredAt }: Look<SystemdUnit>): number | null {
  return data.stateChangedAt === null ? null : secondsBetween(data.stateChangedAt, answeredAt);
}

function foldAlike(looks: readonly Look<SystemdUnit>[]): Cell[][] {
  const groups = Map.groupBy(looks, ({ data }) => JSON.stringify([showState(data), showCause(data)]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined || group.length <= MAX_ALIKE)
      return group.map((look) => row(look, look.node, showDetail(look.data)));
    const names = listNames(
      group.map((look) => look.node),
      5,
    );
    const cause = showCause(first.data);
    return [row(first, `${group.length} nodes`, `${cause === '' ? '' : `${cause}; `}longest ${names}`)];
  });
}

function row(look: Look<SystemdUnit>, node: string, detail: string): Cell[] {
  const age = stateAge(look);
  const since = look.data.stateChangedAt;
  return [
    node,
    showState(look.data),
    since === null ? null : showMoment(since, look.answeredAt),
    age === null ? null : showAge(age),
    detail,
  ];
}

/** Nodes that agree with the others and yet had to be restarted: what flaps now is fine at the next look. */
function restartNote(looks: readonly Look<SystemdUnit>[]): string[] {
  const restarted = looks
    .map(({ node, data }) => ({ node, restarts: data.service?.restarts ?? 0 }))
    .filter(({ restarts }) => restarts > 0)
    .sort((a, b) => b.restarts - a.restarts);
  if (restarted.length === 0) return [];
  return [
    `restarted by systemd: ${listNames(
      restarted.map(({ node, restarts }) => `${node} ${restarts} times`),
      5,
    )}`,
  ];
}

function reloadNote(looks: readonly Look<SystemdUnit>[]): string[] {
  const nodes = looks.filter((look) => look.data.needsDaemonReload).map((look) => look.node);
  return nodes.length === 0 ? [] : [`needs daemon-reload on ${listNames(nodes, 5)}`];
}
