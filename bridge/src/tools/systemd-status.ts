import type { SystemdUnit } from '@telemcp/shared/facts/systemd';
import { UnitAnswer, UnitListAnswer } from '@telemcp/shared/families';
import { ROUTES, UnitName, UnitsQuery, withUnitType } from '@telemcp/shared/routes';
import * as z from 'zod';
import type { Answer, NextCall } from '../answer.ts';
import { countOf } from '../brief-text.ts';
import { invalidArgument } from '../errors.ts';
import { fleetFrame, type Look, lookAtFleet, nobodyAnswered } from '../hosts/fleet-looks.ts';
import { unitConsensus } from '../hosts/unit-consensus.ts';
import { unitTable } from '../hosts/unit-details.ts';
import { countStates, unitListTable } from '../hosts/unit-list.ts';
import { showExit, showState, TROUBLE, urgency } from '../hosts/unit-state.ts';
import { defineTool, type ToolContext } from '../tool.ts';

/** The most an agent lists. */
const LIST_LIMIT = 1000;
const ROWS = 50;

const input = z.strictObject({
  unit: UnitsQuery.shape.pattern.unwrap().describe('Unit, or pattern: k3s, nginx.service, *.timer, *'),
  node: z.string().min(1).max(253).optional().describe('One node; default all'),
});

/** `systemd.status`: one unit or a pattern of units, on one node or on all. */
export const systemdStatus = defineTool({
  name: 'systemd.status',
  title: 'systemd units',
  description:
    'State of a systemd unit on every node: the consensus and the deviating nodes; with node: its details (exit status, restarts, ' +
    'memory, timer runs). A pattern lists matching units, failed first. Use when a service, timer or socket is suspect.',
  input,
  paged: true,
  run: async ({ unit, node }, context) => {
    if (/[*?[]/.test(unit)) return listUnits(unit, node, context);
    if (!UnitName.safeParse(unit).success) {
      throw invalidArgument(
        'unit',
        `${JSON.stringify(unit)} is neither a unit name nor a pattern`,
        'Patterns use *, ? or [].',
      );
    }
    return showUnit(withUnitType(unit), node, context);
  },
});

async function showUnit(unit: string, node: string | undefined, context: ToolContext): Promise<Answer> {
  const path = ROUTES.unit.replace(':unit', encodeURIComponent(unit));
  const fleet = await lookAtFleet({ path, node, schema: UnitAnswer }, context);
  if (fleet.looks.length === 0) return nobodyAnswered(unit, fleet);
  const { looks, notes } = fleet;
  const frame = fleetFrame(fleet);
  const [only] = looks;
  if (looks.every((look) => look.data.loadState === 'not-found' && look.data.activeState === 'inactive')) {
    const where = looks.length === 1 ? `${only?.node} has no unit` : `none of ${looks.length} nodes has a unit`;
    const next = [
      { tool: 'systemd.status', arguments: { unit: patternFor(unit), ...(node === undefined ? {} : { node }) } },
    ];
    return { title: unit, ...frame, summary: `${where} ${unit}`, tables: [], notes, next };
  }
  if (only !== undefined && looks.length === 1) return { ...frame, ...oneNode(unit, only), notes };
  const consensus = unitConsensus(looks, ROWS);
  const next: NextCall[] =
    consensus.worst === null ? [] : [{ tool: 'systemd.status', arguments: { unit, node: consensus.worst } }];
  return {
    title: unit,
    ...frame,
    summary: consensus.summary,
    tables: consensus.table === null ? [] : [consensus.table],
    notes: [...aliasNote(unit, looks), ...consensus.notes, ...notes],
    next,
  };
}

function oneNode(
  unit: string,
  { node, data, answeredAt }: Look<SystemdUnit>,
): Pick<Answer, 'title' | 'summary' | 'tables' | 'next'> {
  const exit = data.service === null ? null : showExit(data.service);
  const alias = data.name === unit ? '' : `${unit}, an alias of `;
  return {
    title: `${alias}${data.name} on ${node}`,
    summary: exit === null ? showState(data) : `${showState(data)}: ${exit}`,
    tables: [unitTable(data, answeredAt)],
    next: urgency(data) <= TROUBLE ? [{ tool: 'host.facts', arguments: { family: 'systemd', node } }] : [],
  };
}

async function listUnits(pattern: string, node: string | undefined, context: ToolContext): Promise<Answer> {
  const query = { pattern, limit: LIST_LIMIT };
  const fleet = await lookAtFleet({ path: ROUTES.units, query, node, schema: UnitListAnswer }, context);
  const title = node === undefined ? pattern : `${pattern} on ${node}`;
  if (fleet.looks.length === 0) return nobodyAnswered(title, fleet);
  const { looks } = fleet;
  const table = unitListTable(looks, ROWS);
  const total = looks.reduce((sum, look) => sum + (look.total ?? look.data.units.length), 0);
  const where = looks.length === 1 ? (looks[0]?.node ?? '') : countOf(looks.length, 'node');
  const cut = looks.filter((look) => (look.total ?? 0) > look.data.units.length);
  const notes = [
    ...cut
      .slice(0, 3)
      .map((look) => `${look.node}: ${look.data.units.length} of ${look.total} units were read; narrow the pattern`),
    ...fleet.notes,
  ];
  const worst = looks
    .flatMap((look) => look.data.units.map((unit) => ({ unit, node: look.node })))
    .sort((a, b) => urgency(a.unit) - urgency(b.unit))[0];
  return {
    title,
    ...fleetFrame(fleet),
    summary:
      total === 0
        ? `no loaded unit matches on ${where}`
        : `${countOf(total, 'unit')} on ${where}: ${countStates(looks)}`,
    tables: total === 0 ? [] : [table],
    notes: total === 0 ? [...notes, 'a unit that is not loaded is found by its exact name only'] : notes,
    next:
      worst !== undefined && urgency(worst.unit) <= TROUBLE
        ? [{ tool: 'systemd.status', arguments: { unit: worst.unit.name, node: worst.node } }]
        : [],
  };
}

/** A pattern that finds units of a like name: `*nginx*` for nginx.service, `*getty*` for getty@tty1.service. */
function patternFor(unit: string): string {
  const stem = unit.replace(/\.[a-z]+$/, '').replace(/@.*$/, '');
  return stem === '' ? '*' : `*${stem}*`;
}

/** `sshd.service` may be another name of ssh.service. */
function aliasNote(unit: string, looks: readonly Look<SystemdUnit>[]): string[] {
  const others = new Set(looks.map((look) => look.data.name).filter((name) => name !== unit));
  return others.size === 0 ? [] : [`${unit} is an alias of ${[...others].slice(0, 3).join(', ')}`];
}
