import { AgentAnswer, envelopeOf } from '@telemcp/shared/envelope';
import { SystemdFacts, type SystemdManager, type SystemdUnit } from '@telemcp/shared/facts/systemd';
import type { Cell, NextCall, Table } from '../../answer.ts';
import { countOf, listNames } from '../../brief-text.ts';
import { secondsBetween, showAge, showMoment } from '../../format-time.ts';
import { defineFamilyView } from '../family-view.ts';
import type { Look } from '../fleet-looks.ts';
import { rollUpTable, withRollUp } from '../roll-up.ts';
import { showDetail, showState, TROUBLE, urgency } from '../unit-state.ts';

const ROWS = 50;

/** The `systemd` family: the units that need attention, then what the manager says of itself. */
export const systemdView = defineFamilyView<SystemdFacts>({
  schema: AgentAnswer.extend(envelopeOf(SystemdFacts).shape),
  one: (look, all) => {
    const { data, answeredAt } = look;
    const units = all ? everyUnit(data) : everyUnit(data).filter(needsAttention);
    const absent = data.watched.filter(isAbsent).map((unit) => unit.name);
    const rows = units.map((unit): Cell[] => {
      const since = unit.stateChangedAt;
      return [
        unit.name,
        showState(unit),
        since === null ? null : showMoment(since, answeredAt),
        since === null ? null : showAge(secondsBetween(since, answeredAt)),
        all ? withRuns(unit, answeredAt) : showDetail(unit),
      ];
    });
    const failed =
      data.failed.length < (look.total ?? 0)
        ? [`${look.total} units have failed, ${data.failed.length} were read`]
        : [];
    const runs = countOf(data.watched.length - absent.length, 'watched unit');
    return {
      summary: `${managerWords(data.manager)}; ${countWords(data)}; ${runs} present`,
      tables: rows.length === 0 ? [] : [unitsTable(['unit', 'state', 'since', 'age', 'detail'], rows)],
      notes: [
        ...failed,
        ...(all ? [ELSEWHERE] : unlistedNote(data)),
        ...(absent.length === 0 || all ? [] : [`watched, not on this host: ${listNames(absent, 12)}`]),
      ],
      next: [
        ...nextOf(units[0], look.node),
        ...(unlisted(data) > 0 ? [{ tool: 'systemd.status', arguments: { unit: '*', node: look.node } }] : []),
      ],
    };
  },
  fleet: ({ looks }, all) => {
    const values = (read: (manager: SystemdManager) => string | number) =>
      looks.map(({ node, data }) => ({ node, value: String(read(data.manager)) }));
    const found = looks.flatMap(({ node, data }) =>
      everyUnit(data)
        .filter((unit) => all || needsAttention(unit))
        .map((unit) => ({ node, unit })),
    );
    const groups = [
      ...Map.groupBy(found, ({ unit }) => JSON.stringify([unit.name, showState(unit), showDetail(unit)])).values(),
    ];
    const ranked = groups.flatMap((group) =>
      group[0] === undefined ? [] : [{ first: group[0], nodes: group.map(({ node }) => node) }],
    );
    ranked.sort((a, b) => urgency(a.first.unit) - urgency(b.first.unit) || b.nodes.length - a.nodes.length);
    const rows = ranked.map(({ first: { unit }, nodes }): Cell[] => {
      const on = nodes.length === looks.length ? 'all' : listNames(nodes, 5);
      return [
        unit.name,
        showState(unit),
        nodes.length,
        [on, showDetail(unit)].filter((part) => part !== '').join(': '),
      ];
    });
    const withFailed = looks.filter(({ data }) => data.manager.failedUnits > 0);
    const failures = withFailed.reduce((sum, { data }) => sum + data.manager.failedUnits, 0);
    return {
      summary:
        failures === 0
          ? 'no failed units'
          : `${countOf(failures, 'failed unit')} on ${countOf(withFailed.length, 'node')}`,
      tables: [
        ...withRollUp(
          { name: 'units', ...unitsTable(['unit', 'state', 'nodes', 'on'], rows) },
          rollUpTable([
            ['systemState', values((manager) => manager.systemState)],
            ['failedUnits', values((manager) => manager.failedUnits)],
            ['version', values((manager) => manager.version)],
            ['queuedJobs', values((manager) => manager.queuedJobs)],
            ['tainted', values((manager) => manager.tainted.join(', ') || 'none')],
          ]),
        ),
      ],
      notes: all ? [ELSEWHERE] : fleetUnlistedNote(looks),
      next: [
        ...nextOf(ranked[0]?.first.unit, undefined),
        ...(looks.some(({ data }) => unlisted(data) > 0) ? [{ tool: 'systemd.status', arguments: { unit: '*' } }] : []),
      ],
    };
  },
});

/** Each unit once, in whatever lists it is, the most urgent first; what comes in the same state keeps the agent's order. */
function everyUnit({ failed, watched, timers, sockets }: SystemdFacts): SystemdUnit[] {
  const byName = new Map([...failed, ...watched, ...timers, ...sockets].map((unit) => [unit.name, unit]));
  return [...byName.values()].sort((a, b) => urgency(a) - urgency(b));
}

/** Failed, starting again and again, restarted before, a timer or socket whose last run failed, a changed unit file. */
function needsAttention(unit: SystemdUnit): boolean {
  if (urgency(unit) <= TROUBLE) return true;
  return urgency(unit) > 3 && (unit.needsDaemonReload || (unit.service?.restarts ?? 0) > 0 || hasFailedRun(unit));
}

function hasFailedRun({ service, timer, socket }: SystemdUnit): boolean {
  return [service, timer, socket].some((part) => part !== null && part.result !== 'success');
}

/** A reader who looks for a unit in these facts must not take its absence for an answer. */
const ELSEWHERE = 'here are failed and watched units, timers and sockets only; systemd.status finds any unit';

/** States on the way to another; a unit that fails and is restarted again and again is in one of them. */
const CHANGING = ['activating', 'deactivating', 'reloading'];

/** Units that are starting, stopping or restarting and that the family, which details failed and watched ones, does not list. */
function unlisted(data: SystemdFacts): number {
  const isChanging = (unit: SystemdUnit) => CHANGING.includes(unit.activeState);
  const counted = CHANGING.reduce((sum, state) => sum + (data.unitsByActiveState[state] ?? 0), 0);
  return Math.max(0, counted - everyUnit(data).filter(isChanging).length);
}

function unlistedNote(data: SystemdFacts): string[] {
  const count = unlisted(data);
  return count === 0 ? [] : [`${countOf(count, 'unit')} starting, stopping or restarting, not among these rows`];
}

function fleetUnlistedNote(looks: readonly Look<SystemdFacts>[]): string[] {
  const found = looks
    .map(({ node, data }) => ({ node, count: unlisted(data) }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
  const names = found.map(({ node, count }) => `${node} ${count}`);
  return found.length === 0
    ? []
    : [`units starting, stopping or restarting, not among these rows: ${listNames(names, 5)}`];
}

/** Not being installed is no fault: the watch list names what other hosts have. */
function isAbsent(unit: SystemdUnit): boolean {
  return unit.loadState === 'not-found' && unit.activeState === 'inactive';
}

function withRuns(unit: SystemdUnit, answeredAt: string): string {
  const { lastTriggerAt = null, nextElapseAt = null } = unit.timer ?? {};
  return [
    showDetail(unit),
    ...(lastTriggerAt === null ? [] : [`ran ${showAge(secondsBetween(lastTriggerAt, answeredAt))} ago`]),
    ...(nextElapseAt === null ? [] : [`runs in ${showAge(secondsBetween(answeredAt, nextElapseAt))}`]),
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function unitsTable(columns: readonly string[], rows: readonly Cell[][]): Table {
  return { columns, rows, limit: ROWS };
}

function managerWords({ version, systemState, queuedJobs, tainted }: SystemdManager): string {
  const jobs = queuedJobs === 0 ? '' : `, ${countOf(queuedJobs, 'queued job')}`;
  return `${systemState}${jobs}, systemd ${version}${tainted.length === 0 ? '' : `, tainted ${tainted.join(', ')}`}`;
}

function countWords({ unitsByActiveState }: SystemdFacts): string {
  const order = ['failed', 'activating', 'deactivating', 'reloading', 'active', 'inactive'];
  const rank = (state: string) => (order.includes(state) ? order.indexOf(state) : order.length);
  const counts = Object.entries(unitsByActiveState).sort(([a], [b]) => rank(a) - rank(b));
  return counts.map(([state, count]) => `${count} ${state}`).join(', ');
}

function nextOf(unit: SystemdUnit | undefined, node: string | undefined): NextCall[] {
  if (unit === undefined || urgency(unit) > TROUBLE) return [];
  return [{ tool: 'systemd.status', arguments: { unit: unit.name, ...(node === undefined ? {} : { node }) } }];
}
