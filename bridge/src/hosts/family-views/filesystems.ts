import { AgentAnswer, envelopeOf } from '@telemcp/shared/envelope';
import { type Filesystem, FilesystemFacts } from '@telemcp/shared/facts/filesystems';
import type { Cell, Table } from '../../answer.ts';
import { briefText, countOf } from '../../brief-text.ts';
import { showBytes } from '../../format-bytes.ts';
import { defineFamilyView } from '../family-view.ts';
import type { Look } from '../fleet-looks.ts';
import { rollUpTable, withRollUp } from '../roll-up.ts';

const ROWS = 15;
const FLEET_ROWS = 8;
/** The kubelet deletes images from here on; at 90 % it evicts pods, for inodes at 95 %. */
const FULL_RATIO = 0.85;
const INODES_RATIO = 0.9;

/** The `filesystems` family: what lost its writes, hangs or runs full, then the rest by how full it is. */
export const filesystemsView = defineFamilyView<FilesystemFacts>({
  schema: AgentAnswer.extend(envelopeOf(FilesystemFacts).shape),
  one: ({ data, total }, all) => {
    const { filesystems } = data;
    const rows = filesystems.map((found): Cell[] => [
      briefText(found.mountPoint, 120),
      percent(found.usedRatio),
      bytes(found.availableBytes),
      bytes(found.sizeBytes),
      percent(found.inodesUsedRatio),
      `${found.fsType} ${briefText(found.device, 80)}`,
      showState(found, all),
    ]);
    return {
      summary: `${countOf(total ?? filesystems.length, 'file system')}: ${countTroubles(filesystems)}`,
      tables: [
        {
          columns: ['mount', 'used', 'available', 'size', 'inodesUsed', 'what', 'state'],
          rows,
          total: total ?? rows.length,
          ...(all ? {} : { limit: ROWS }),
        },
      ],
    };
  },
  fleet: ({ looks }, all) => {
    const values = (read: (root: Filesystem) => string | null) =>
      looks.map(({ node, data }) => {
        const root = data.filesystems.find(({ mountPoint }) => mountPoint === '/');
        return { node, value: root === undefined ? null : read(root) };
      });
    const every = looks.flatMap(({ node, data }) => data.filesystems.map((found) => ({ node, found })));
    const troubled = looks.filter(({ data }) => data.filesystems.some(isTrouble)).length;
    const counts = countTroubles(every.map(({ found }) => found));
    const table = fleetTable(looks, all);
    const fullest = every
      .filter(({ found }) => !isTrouble(found) && !found.readOnly && found.usedRatio !== null)
      .toSorted((a, b) => (b.found.usedRatio ?? 0) - (a.found.usedRatio ?? 0))[0];
    return {
      summary: `${counts}${troubled === 0 ? '' : `; on ${troubled} of ${countOf(looks.length, 'node')}`}`,
      tables: withRollUp(
        table,
        rollUpTable([
          ['rootType', values(({ fsType }) => fsType)],
          ['rootSize', values(({ sizeBytes }) => bytes(sizeBytes))],
        ]),
      ),
      notes:
        fullest === undefined
          ? []
          : [
              `fullest of the others: ${fullest.node} ${briefText(fullest.found.mountPoint, 120)} ` +
                `${percent(fullest.found.usedRatio)}`,
            ],
    };
  },
});

/** A row for every file system in trouble, or with `all` for every one. */
function fleetTable(looks: readonly Look<FilesystemFacts>[], all: boolean): Table {
  const rows = looks
    .flatMap(({ node, data }) => data.filesystems.map((found) => ({ node, found })))
    .filter(({ found }) => all || isTrouble(found))
    .sort((a, b) => badness(b.found) - badness(a.found))
    .map(({ node, found }): Cell[] => [
      node,
      briefText(found.mountPoint, 120),
      percent(found.usedRatio),
      bytes(found.availableBytes),
      percent(found.inodesUsedRatio),
      showState(found, false),
    ]);
  const columns = ['node', 'mount', 'used', 'available', 'inodesUsed', 'state'];
  return { name: 'file systems', columns, rows, ...(all ? {} : { limit: FLEET_ROWS }) };
}

function isTrouble(found: Filesystem): boolean {
  return badness(found) >= 1;
}

/** From 1 on it wants attention. */
function badness({
  emergencyReadOnly,
  status,
  readOnly,
  readOnlyCause,
  usedRatio,
  inodesUsedRatio,
}: Filesystem): number {
  if (emergencyReadOnly) return 5;
  if (status === 'timeout') return 4;
  if (readOnlyCause === 'fstab_says_rw') return 3;
  const fullness = Math.max(usedRatio ?? 0, inodesUsedRatio ?? 0);
  const isFull = (usedRatio ?? 0) >= FULL_RATIO || (inodesUsedRatio ?? 0) >= INODES_RATIO;
  // What nobody may write to cannot run full.
  return readOnly ? 0 : isFull ? 1 + fullness : fullness / 2;
}

function countTroubles(filesystems: readonly Filesystem[]): string {
  const count = (is: (found: Filesystem) => boolean) => filesystems.filter(is).length;
  const counts = [
    [count((found) => found.emergencyReadOnly), 'read-only after an error'],
    [count((found) => found.status === 'timeout' && found.reason !== 'too_many'), 'not answering'],
    [count((found) => found.status === 'timeout' && found.reason === 'too_many'), 'not asked, others hang'],
    [count((found) => found.readOnlyCause === 'fstab_says_rw'), 'read-only against fstab'],
    [count((found) => badness(found) >= 1 && badness(found) < 3), 'nearly full'],
    [count((found) => found.status === 'unavailable'), 'not seen'],
    [count((found) => found.status === 'skipped_network_fs'), 'on a network, not asked'],
  ] as const;
  const known = counts.filter(([number]) => number > 0).map(([number, words]) => `${number} ${words}`);
  return known.length === 0 ? 'none in trouble' : known.join(', ');
}

function showState(found: Filesystem, all: boolean): string | null {
  const { emergencyReadOnly, readOnlyCause, status, reason, options } = found;
  const words = [
    emergencyReadOnly ? `READ-ONLY after an error (${readOnlyCause})` : null,
    readOnlyCause === 'fstab_says_rw' ? 'read-only, fstab says rw' : null,
    readOnlyCause === 'mount_option' ? 'read-only' : null,
    status === 'timeout' ? (reason === 'too_many' ? 'not asked, others hang' : 'hangs') : null,
    status === 'unavailable' ? `not seen: ${reason}` : null,
    status === 'skipped_network_fs' ? 'network, not asked' : null,
    all && options.length > 0 ? briefText(options.join(','), 120) : null,
  ];
  return words.filter((word) => word !== null).join(', ') || null;
}

/** Rounded up, as df(1) does. */
function percent(ratio: number | null): string | null {
  return ratio === null ? null : `${Math.ceil(ratio * 100)}%`;
}

function bytes(value: number | null): string | null {
  return value === null ? null : showBytes(value);
}
