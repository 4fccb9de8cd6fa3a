import type { SystemdTimer, SystemdUnitList } from '@telemcp/shared/facts/systemd';
import type { Cell, Table } from '../answer.ts';
import { briefText, listNames } from '../brief-text.ts';
import { secondsBetween, showAge } from '../format-time.ts';
import type { Look } from './fleet-looks.ts';
import { detailOf, type ListedUnit, showDetail, showState, TROUBLE, urgency } from './unit-state.ts';

/** Units of the same name, in the same state for the same cause, on one node or more. */
interface UnitGroup {
  unit: ListedUnit;
  state: string;
  detail: string;
  nodes: string[];
  /** Seconds since the timer last ran, the longest; null when it never did or is none. */
  ranSecondsAgo: number | null;
  /** Seconds until the timer runs again, the shortest. */
  runsInSeconds: number | null;
}

/** Units as a table, worst first; with a column for the nodes when there are several. */
export function unitListTable(looks: readonly Look<SystemdUnitList>[], limit: number): Table {
  const groups = groupUnits(looks).sort(byUrgency);
  const isFleet = looks.length > 1;
  const timers = groups.length > 0 && groups.every(({ unit }) => unit.name.endsWith('.timer'));
  const states = new Set(groups.map((group) => group.state));
  const state = groups.length > 1 && states.size === 1 ? (groups[0]?.state ?? null) : null;
  const columns = [
    timers ? 'timer' : 'unit',
    ...(state === null ? ['state'] : []),
    ...(timers ? ['lastAgo', 'nextIn'] : []),
    ...(isFleet ? ['nodes'] : []),
    isFleet ? 'on' : timers ? 'triggers' : 'detail',
  ];
  const rows = groups.map((group): Cell[] => {
    const on = group.nodes.length === looks.length ? 'all' : listNames(group.nodes, 3);
    const timer = detailOf(group.unit)?.timer ?? null;
    const last = isFleet ? on : timers ? (timer?.unit ?? null) : '';
    const text = [last, group.detail].filter((part) => part !== null && part !== '').join(': ');
    return [
      group.unit.name,
      ...(state === null ? [group.state] : []),
      ...(timers ? [lastRun(group, timer), age(group.runsInSeconds)] : []),
      ...(isFleet ? [group.nodes.length] : []),
      text === '' ? descriptionOf(group.unit) : text,
    ];
  });
  const only = isFleet ? null : (looks[0]?.total ?? null);
  const common = state === null ? {} : { common: { state } };
  return { ...common, columns, rows, limit, ...(only === null ? {} : { total: Math.max(only, rows.length) }) };
}

/** `1 failed, 12 active, 5 inactive`, worst first; units counted once for every node that has them. */
export function countStates(looks: readonly Look<SystemdUnitList>[]): string {
  const counts = new Map<string, { units: number; rank: number }>();
  for (const unit of looks.flatMap((look) => look.data.units)) {
    const word = unit.loadState === 'loaded' || unit.activeState !== 'inactive' ? unit.activeState : unit.loadState;
    const count = counts.get(word) ?? { units: 0, rank: listRank(unit) };
    counts.set(word, { ...count, units: count.units + 1 });
  }
  return [...counts]
    .sort(([, a], [, b]) => a.rank - b.rank)
    .map(([word, { units }]) => `${units} ${word}`)
    .join(', ');
}

function groupUnits(looks: readonly Look<SystemdUnitList>[]): UnitGroup[] {
  const groups = new Map<string, UnitGroup>();
  for (const { node, data, answeredAt } of looks) {
    for (const unit of data.units) {
      const inDetail = detailOf(unit);
      const state = showState(unit);
      const detail = inDetail === null ? '' : showDetail(inDetail);
      const timer = timerAges(inDetail?.timer ?? null, answeredAt);
      const key = JSON.stringify([unit.name, state, detail]);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { unit, state, detail, nodes: [node], ...timer });
      else {
        group.nodes.push(node);
        group.ranSecondsAgo = pick(Math.max, group.ranSecondsAgo, timer.ranSecondsAgo);
        group.runsInSeconds = pick(Math.min, group.runsInSeconds, timer.runsInSeconds);
      }
    }
  }
  return [...groups.values()];
}

function timerAges(timer: SystemdTimer | null, answeredAt: string) {
  const { lastTriggerAt = null, nextElapseAt = null } = timer ?? {};
  return {
    ranSecondsAgo: lastTriggerAt === null ? null : secondsBetween(lastTriggerAt, answeredAt),
    runsInSeconds: nextElapseAt === null ? null : secondsBetween(answeredAt, nextElapseAt),
  };
}

function pick(choose: (a: number, b: number) => number, a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : choose(a, b);
}

function age(seconds: number | null): string | null {
  return seconds === null ? null : showAge(seconds);
}

function lastRun({ ranSecondsAgo }: UnitGroup, timer: SystemdTimer | null): string | null {
  return ranSecondsAgo === null && timer !== null ? 'never' : age(ranSecondsAgo);
}

/** systemd describes a unit that does not exist by its name, which says nothing new. */
function descriptionOf({ name, description }: ListedUnit): string {
  return description === name ? '' : briefText(description, 80);
}

/** In a list, what is not there is only what another unit names (After=, Wants=): of the least interest. */
function listRank(unit: ListedUnit): number {
  return unit.loadState === 'not-found' && unit.activeState === 'inactive' ? 7 : urgency(unit);
}

function byUrgency(a: UnitGroup, b: UnitGroup): number {
  // A timer that waits only looks idle: what it triggers is judged by its own result.
  const rank = ({ unit, detail }: UnitGroup) => (urgency(unit) > TROUBLE && detail !== '' ? 2.5 : listRank(unit));
  return (
    rank(a) - rank(b) ||
    (a.unit.name < b.unit.name ? -1 : a.unit.name > b.unit.name ? 1 : b.nodes.length - a.nodes.length)
  );
}
