import { AgentAnswer, envelopeOf } from '@telemcp/shared/envelope';
import { CertificateFacts } from '@telemcp/shared/facts/certificates';
import { ROUTES } from '@telemcp/shared/routes';
import * as z from 'zod';
import { countOf, listNames } from '../brief-text.ts';
import {
  type CertificateGroup,
  certificateErrorTable,
  certificateNotes,
  certificateTable,
  countExpiry,
  DAY_SECONDS,
  groupCertificates,
  renewalNotes,
  tellsOfGap,
} from '../hosts/certificate-table.ts';
import { fleetFrame, type Look, lookAtFleet, nobodyAnswered } from '../hosts/fleet-looks.ts';
import { createTextFilter } from '../hosts/text-filter.ts';
import { defineTool } from '../tool.ts';

const ROWS = 50;
const ERROR_ROWS = 20;
/** Advice on renewal is given this long ahead where the caller names no time of its own. */
const ADVICE_DAYS = 90;

const input = z.strictObject({
  withinDays: z.number().int().min(0).max(36_500).optional().describe('Only those expiring by then; 0: expired'),
  node: z.string().min(1).max(253).optional().describe('One node; default all'),
  role: z.string().min(1).max(100).optional().describe('Part of the role: apiserver, etcd, kubelet, ca, web'),
});

/** `host.certificates`: the X.509 certificates on the hosts' disks, soonest expiry first. */
export const hostCertificates = defineTool({
  name: 'host.certificates',
  title: 'Host certificates',
  description:
    'X.509 certificates on the hosts (Kubernetes PKI, kubelet, etcd, kubeconfigs, web servers), soonest expiry first, copies ' +
    'once, with renewal advice and the files that could not be read. Use for expiry checks and TLS failures.',
  input,
  paged: true,
  run: async ({ withinDays, node, role }, context) => {
    const schema = AgentAnswer.extend(envelopeOf(CertificateFacts).shape);
    const path = ROUTES.family.replace(':family', 'certificates');
    const fleet = await lookAtFleet({ path, node, schema, tells: tellsOfGap }, context);
    const title = node === undefined ? 'certificates' : `certificates on ${node}`;
    if (fleet.looks.length === 0) return nobodyAnswered(title, fleet);
    const { looks, notes } = fleet;
    const chosen = role === undefined ? looks : looks.map((look) => ofRole(look, createTextFilter(role)));
    const all = groupCertificates(chosen);
    const shown = all.filter((group) => withinDays === undefined || isDue(group, withinDays));
    const errors = certificateErrorTable(looks, ERROR_ROWS);
    const where = looks.length === 1 ? (looks[0]?.node ?? '') : countOf(looks.length, 'node');
    const what = `${countOf(all.length, 'certificate')}${role === undefined ? '' : ` of role ${role}`} on ${where}`;
    return {
      title,
      ...fleetFrame(fleet),
      summary:
        all.length === 0
          ? what
          : `${what}: ${countExpiry(all)}${withinDays === undefined ? '' : `; listed: ${listed(shown, withinDays)}`}`,
      tables: [
        ...(shown.length === 0 ? [] : [certificateTable(shown, { withNode: looks.length > 1, limit: ROWS })]),
        ...(errors === null ? [] : [errors]),
      ],
      notes: [
        ...(role !== undefined && all.length === 0 ? [`roles there are: ${rolesOf(looks)}`] : []),
        ...renewalNotes(shown, withinDays ?? ADVICE_DAYS),
        ...certificateNotes(looks),
        ...notes,
      ],
    };
  },
});

/** What `withinDays` left, in words that do not look like another count of the same. */
function listed(shown: readonly CertificateGroup[], days: number): string {
  if (shown.length === 0)
    return days === 0 ? 'none, as none has expired' : `none, as none is due within ${countOf(days, 'day')}`;
  const old = shown.filter((group) => !group.inUse).length;
  const what = days === 0 ? 'expired' : `due within ${countOf(days, 'day')} or expired`;
  return `${shown.length} ${what}${old === 0 ? '' : `, ${old} of them superseded`}`;
}

function isDue(group: CertificateGroup, days: number): boolean {
  return group.expiresInSeconds <= days * DAY_SECONDS;
}

function ofRole(look: Look<CertificateFacts>, matches: (role: string) => boolean): Look<CertificateFacts> {
  const certificates = look.data.certificates.filter(
    (found) => matches(found.role ?? '') || (found.isCa && matches('ca')),
  );
  return { ...look, data: { ...look.data, certificates } };
}

function rolesOf(looks: readonly Look<CertificateFacts>[]): string {
  const roles = new Set(looks.flatMap((look) => look.data.certificates.map((found) => found.role ?? 'none')));
  return listNames([...roles].sort(), 30) || 'none';
}
