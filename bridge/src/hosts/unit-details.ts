import type { SystemdService, SystemdSocket, SystemdUnit } from '@telemcp/shared/facts/systemd';
import type { Table } from '../answer.ts';
import { briefText } from '../brief-text.ts';
import { showDuration } from '../format.ts';
import { showBytes } from '../format-bytes.ts';
import { secondsBetween, showAge, showMoment } from '../format-time.ts';
import { showExit } from './unit-state.ts';

/** Everything known of one unit as property and value. What its manager or kernel does not account for is left out. */
export function unitTable(unit: SystemdUnit, answeredAt: string): Table {
  const ago = (moment: string | null) =>
    moment === null ? null : `${showMoment(moment, answeredAt)} (${showAge(secondsBetween(moment, answeredAt))} ago)`;
  const rows: [string, string | number | null][] = [
    ['since', ago(unit.stateChangedAt)],
    ['loadError', unit.loadError === null ? null : briefText(unit.loadError, 300)],
    ...(unit.service === null
      ? []
      : serviceRows(unit.service, unit.service.exitedAt === unit.stateChangedAt ? null : ago(unit.service.exitedAt))),
    ...(unit.timer === null
      ? []
      : ([
          ['triggers', unit.timer.unit],
          ['lastRun', ago(unit.timer.lastTriggerAt) ?? 'never'],
          ['nextRun', comingUp(unit.timer.nextElapseAt, answeredAt)],
          ['result', unit.timer.result],
        ] satisfies [string, string | null][])),
    ...(unit.socket === null
      ? []
      : ([
          ['listen', unit.socket.listen.map((address) => briefText(address, 120)).join(', ') || null],
          ['connections', showConnections(unit.socket)],
          // A socket that listens has not failed; only the other case says something.
          ['result', unit.socket.result === 'success' ? null : unit.socket.result],
        ] satisfies [string, string | null][])),
    ['unitFile', unitFile(unit)],
    ['daemonReload', unit.needsDaemonReload ? 'needed: the unit file has changed since it was loaded' : null],
  ];
  return { columns: ['property', 'value'], rows: rows.filter(([, value]) => value !== null), properties: true };
}

function serviceRows(service: SystemdService, endedAgo: string | null) {
  const { memoryBytes, memoryPeakBytes, cpuSeconds, tasks, tasksMax } = service;
  const exit = showExit(service) ?? service.result;
  const peak = memoryPeakBytes === null ? '' : ` (peak ${showBytes(memoryPeakBytes)})`;
  const rows: [string, string | number | null][] = [
    ['result', service.exitKind === null || endedAgo === null ? exit : `${exit}, ended ${endedAgo}`],
    ['restarts', service.restarts],
    ['mainPid', service.mainPid],
    ['memory', memoryBytes === null ? null : `${showBytes(memoryBytes)}${peak}`],
    // Below ten seconds the milliseconds still say something.
    ['cpu', cpuSeconds === null ? null : showDuration(cpuSeconds < 10 ? cpuSeconds : Math.round(cpuSeconds))],
    ['tasks', tasks === null ? null : tasksMax === null ? tasks : `${tasks} of ${tasksMax}`],
    ['status', service.statusText === null ? null : briefText(service.statusText, 200) || null],
  ];
  return rows;
}

/** `0 open, 12 accepted, 1 refused`; what systemd does not count is left out. */
function showConnections({ connections, accepted, refused }: SystemdSocket): string | null {
  const counts = [
    [connections, 'open'],
    [accepted, 'accepted'],
    [refused, 'refused'],
  ] as const;
  return counts.flatMap(([count, what]) => (count === null ? [] : [`${count} ${what}`])).join(', ') || null;
}

function comingUp(moment: string | null, answeredAt: string): string {
  if (moment === null) return 'not scheduled';
  const seconds = secondsBetween(answeredAt, moment);
  return `${showMoment(moment, answeredAt)} (${seconds < 0 ? `${showAge(-seconds)} overdue` : `in ${showAge(seconds)}`})`;
}

function unitFile({ unitFileState, unitFilePreset, fragmentPath }: SystemdUnit): string | null {
  // A preset is advice for units that can be enabled; where it was followed it says nothing new.
  const ignored =
    unitFileState === 'enabled' || unitFileState === 'disabled' ? unitFilePreset !== unitFileState : false;
  const preset = ignored && unitFilePreset !== null ? `preset ${unitFilePreset}` : null;
  const parts = [fragmentPath === null ? null : briefText(fragmentPath, 255), unitFileState, preset];
  return parts.filter((part) => part !== null && part !== '').join(', ') || null;
}
