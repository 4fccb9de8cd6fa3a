import { FAMILY_NAMES, type FamilyName } from '@telemcp/shared/family-names';
import { ROUTES } from '@telemcp/shared/routes';
import * as z from 'zod';
import { countOf } from '../brief-text.ts';
import type { FamilyView } from '../hosts/family-view.ts';
import { certificatesView } from '../hosts/family-views/certificates.ts';
import { cpuView } from '../hosts/family-views/cpu.ts';
import { disksView } from '../hosts/family-views/disks.ts';
import { filesystemsView } from '../hosts/family-views/filesystems.ts';
import { firewallView } from '../hosts/family-views/firewall.ts';
import { memoryView } from '../hosts/family-views/memory.ts';
import { networkView } from '../hosts/family-views/network.ts';
import { osView } from '../hosts/family-views/os.ts';
import { packagesView } from '../hosts/family-views/packages.ts';
import { portsView } from '../hosts/family-views/ports.ts';
import { systemdView } from '../hosts/family-views/systemd.ts';
import { timeView } from '../hosts/family-views/time.ts';
import { fleetFrame, nobodyAnswered } from '../hosts/fleet-looks.ts';
import { createTextFilter, filterTables } from '../hosts/text-filter.ts';
import { defineTool } from '../tool.ts';

/** How each family is told; a family without a view does not compile. */
const VIEWS: Readonly<Record<FamilyName, FamilyView>> = {
  systemd: systemdView,
  certificates: certificatesView,
  time: timeView,
  os: osView,
  cpu: cpuView,
  memory: memoryView,
  filesystems: filesystemsView,
  disks: disksView,
  network: networkView,
  ports: portsView,
  packages: packagesView,
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
    'What hosts themselves say, one family at a time: failed units, clock sync, kernel and pending reboot, pressure and OOM kills, ' +
    'full or read-only filesystems, failing disks, NIC errors, listening ports, packages (filter finds versions), firewall. ' +
    'Over the fleet: majority and deviating nodes.',
  input,
  paged: true,
  run: async ({ family, node, filter }, context) => {
    const path = ROUTES.family.replace(':family', family);
    const view = VIEWS[family];
    const found = filter === undefined ? undefined : view.find?.({ path, node, filter }, context);
    const { fleet, story } = await (found ?? view.tell({ path, node, filter }, context));
    if (story === null) return nobodyAnswered(`${family}${node === undefined ? '' : ` on ${node}`}`, fleet);
    const where = fleet.looks.length === 1 ? fleet.looks[0]?.node : countOf(fleet.looks.length, 'node');
    const title = `${family} on ${where}`;
    const { summary, tables, notes = [], next = [] } = story;
    const answer = { title, ...fleetFrame(fleet), summary, tables, notes: [...notes, ...fleet.notes], next };
    if (filter === undefined || found !== undefined) return answer;
    const matching = filterTables(tables, createTextFilter(filter));
    const rows = matching.reduce((sum, table) => sum + table.rows.length, 0);
    return {
      ...answer,
      summary: `${countOf(rows, 'row')} with ${JSON.stringify(filter)}; ${summary}`,
      tables: matching,
      next: [],
    };
  },
});
