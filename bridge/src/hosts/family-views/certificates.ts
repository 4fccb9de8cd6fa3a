import { AgentAnswer, envelopeOf } from '@telemcp/shared/envelope';
import { CertificateFacts } from '@telemcp/shared/facts/certificates';
import type { Cell, Table } from '../../answer.ts';
import { briefText, countOf } from '../../brief-text.ts';
import { showAge } from '../../format-time.ts';
import {
  certificateErrorTable,
  certificateNotes,
  certificateTable,
  countExpiry,
  DAY_SECONDS,
  groupCertificates,
  renewalNotes,
  SOON_DAYS,
  tellsOfGap,
} from '../certificate-table.ts';
import { defineFamilyView } from '../family-view.ts';
import type { Look } from '../fleet-looks.ts';

const SOONEST = 20;
const NODES = 50;

/** The `certificates` family: of one node the soonest to expire, of several a line for each node. */
export const certificatesView = defineFamilyView<CertificateFacts>({
  schema: AgentAnswer.extend(envelopeOf(CertificateFacts).shape),
  tells: tellsOfGap,
  one: (look, all) => {
    const groups = groupCertificates([look]);
    const errors = certificateErrorTable([look], SOONEST);
    return {
      summary: `${countOf(groups.length, 'certificate')}: ${countExpiry(groups)}`,
      tables: [
        ...(groups.length === 0
          ? []
          : [
              {
                name: 'certificates',
                ...certificateTable(groups, { withNode: false, limit: all ? groups.length : SOONEST }),
              },
            ]),
        ...(errors === null ? [] : [errors]),
      ],
      notes: [...renewalNotes(groups, SOON_DAYS), ...certificateNotes([look])],
      next: groups.length > SOONEST ? [{ tool: 'host.certificates', arguments: { node: look.node } }] : [],
    };
  },
  fleet: ({ looks }, all) => {
    const groups = groupCertificates(looks);
    return {
      summary: `${countOf(groups.length, 'certificate')} on ${countOf(looks.length, 'node')}: ${countExpiry(groups)}`,
      tables: [nodesTable(looks, all)],
      notes: certificateNotes(looks),
      next: [{ tool: 'host.certificates', arguments: { withinDays: SOON_DAYS } }],
    };
  },
});

/** One row for every node, the one with the soonest expiry first. */
function nodesTable(looks: readonly Look<CertificateFacts>[], all: boolean): Table {
  const rows = looks
    .map((look) => {
      const used = groupCertificates([look]).filter((group) => group.inUse);
      const within = (days: number) => used.filter((group) => group.expiresInSeconds <= days * DAY_SECONDS).length;
      const [first] = used;
      const row: Cell[] = [
        look.node,
        within(0),
        within(SOON_DAYS) - within(0),
        used.length,
        look.data.errors.length,
        first === undefined ? null : showAge(first.expiresInSeconds),
        first === undefined ? null : briefText(`${first.certificate.commonName ?? '-'} ${first.places[0] ?? ''}`, 200),
      ];
      return { row, soonest: first?.expiresInSeconds ?? Number.POSITIVE_INFINITY };
    })
    .sort((a, b) => a.soonest - b.soonest)
    .map(({ row }) => row);
  const columns = ['node', 'expired', `within${SOON_DAYS}d`, 'inUse', 'notRead', 'soonest', 'which'];
  return { columns, rows, ...(all ? {} : { limit: NODES }) };
}
