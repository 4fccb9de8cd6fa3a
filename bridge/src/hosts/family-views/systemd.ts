import { AgentAnswer, envelopeOf } from '@telemcp/shared/envelope';
import { SystemdFacts, type SystemdManager, type SystemdUnit } from '@telemcp/shared/facts/systemd';
import type { Cell, NextCall, Table } from '../answer.ts';
import { countOf, listNames } from '../brief-text.ts';
import { defineFamilyView } from '../family-view.ts';
import { secondsBetween, showAge, showMoment } from '../format-time.ts';
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
        ...(absent.length === 0 || all ? [] : [`watched, not on this host: ${listNames(absent, 12)}`]),
      ],
      next: nextOf(units[0], look.node),
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
      next: nextOf(ranked[0]?.first.unit, undefined),
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
