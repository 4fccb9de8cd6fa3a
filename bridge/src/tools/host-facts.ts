import { FAMILY_NAMES, type FamilyName } from '@telemcp/shared/families';
import { ROUTES } from '@telemcp/shared/routes';
import * as z from 'zod';
import { countOf } from '../brief-text.ts';
import type { FamilyView } from '../family-view.ts';
import { certificatesView } from '../family-views/certificates.ts';
import { firewallView } from '../family-views/firewall.ts';
import { osView } from '../family-views/os.ts';
import { systemdView } from '../family-views/systemd.ts';
import { timeView } from '../family-views/time.ts';
import { fleetFrame, nobodyAnswered } from '../fleet-looks.ts';
import { createTextFilter, filterTables } from '../text-filter.ts';
import { defineTool } from '../tool.ts';

/** How each family is told; a family without a view does not compile. */
const VIEWS: Readonly<Record<FamilyName, FamilyView>> = {
  systemd: systemdView,
  certificates: certificatesView,
  time: timeView,
  os: osView,
  firewall: firewallView,
};

const input = z.strictObject({
  family: z.enum(FAMILY_NAMES),
  node: z.string().min(1).max(253).optional().describe('One node in full; default: the fleet rolled up'),
  filter: z.string().min(1).max(100).optional().describe('Only rows with this text; * matches anything'),
});

/** `host.facts`: one family of facts, of one node or over the fleet. */
export const hostFacts = defineTool({
  name: 'host.facts',
  title: 'Host facts',
  description:
    'What hosts themselves say: systemd (failed and restarting units), time (clock sync, offsets, skew), os (distribution, kernel, ' +
    'pending reboot, CPU vulnerabilities), certificates, firewall. Over the fleet: majority values and deviating nodes.',
  input,
  paged: true,
  run: async ({ family, node, filter }, context) => {
    const path = ROUTES.family.replace(':family', family);
    const { fleet, story } = await VIEWS[family].tell({ path, node, all: filter !== undefined }, context);
    if (story === null) return nobodyAnswered(`${family}${node === undefined ? '' : ` on ${node}`}`, fleet);
    const where = fleet.looks.length === 1 ? fleet.looks[0]?.node : countOf(fleet.looks.length, 'node');
    const title = `${family} on ${where}`;
    const { summary, tables, notes = [], next = [] } = story;
    const answer = { title, ...fleetFrame(fleet), summary, tables, notes: [...notes, ...fleet.notes], next };
    if (filter === undefined) return answer;
    const found = filterTables(tables, createTextFilter(filter));
    const rows = found.reduce((sum, table) => sum + table.rows.length, 0);
    return {
      ...answer,
      summary: `${countOf(rows, 'row')} with ${JSON.stringify(filter)}; ${summary}`,
      tables: found,
      next: [],
    };
  },
});
