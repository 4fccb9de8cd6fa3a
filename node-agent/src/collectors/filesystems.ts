import type { Filesystem } from '@telemcp/shared/facts/filesystems';
import { attempt } from '../attempt.ts';
import { defineCollector } from '../collector.ts';
import { FactError } from '../fact-error.ts';
import { type ChosenFilesystem, chooseFilesystems } from '../filesystems/choose-filesystems.ts';
import { isOf, NO_USAGE, usageOf } from '../filesystems/figures.ts';
import { parseMountTable } from '../filesystems/mount-table.ts';
import { judgeReadOnly, optionsOfNote, parseWritable } from '../filesystems/read-only.ts';
import { createHostReader } from '../host-reader.ts';
import type { FilesystemFigures, HostRoot } from '../host-root.ts';
import { plainText } from '../plain-text.ts';

/** Overlays of a node with hundreds of containers name every layer in their options. */
const TABLE_BYTES = 16 * 1024 * 1024;
/** More than any host mounts for itself; what is beyond is in `total`. */
const MAX_FILESYSTEMS = 200;
/** Paths that a pod has of its host even where it does not have the mount point; they tell of the file system they lie in. */
const WITNESSES = ['/etc/fstab', '/etc/os-release', '/usr/lib/os-release', '/lib/modules', '/run'];

export const filesystems = defineCollector({
  family: 'filesystems',
  help: 'Space, inodes and read-only state of local file systems, worst first; network file systems are named, never asked.',
  hostPaths: ['/etc/fstab', '/etc/os-release', '/lib/modules', '/proc', '/run', '/usr/lib/os-release'],
  busNames: [],
  ttlMs: 15_000,
  timeoutMs: 5000,
  async collect({ host }) {
    const files = createHostReader(host);
    const [table, fstab] = await Promise.all([
      host.readText('/proc/1/mountinfo', { maxBytes: TABLE_BYTES }),
      files.text('/etc/fstab'),
    ]);
    const { mounts, malformed } = parseMountTable(table);
    if (mounts.length === 0) throw new FactError('parse_error', '/proc/1/mountinfo: no mount in it');
    const writable = parseWritable(fstab ?? '');
    const { chosen, excluded } = chooseFilesystems(mounts);
    const witnesses = createWitnesses(host);
    const rows = await Promise.all(
      chosen.map(async (found): Promise<Filesystem> => {
        const { mount } = found;
        return {
          device: plainText(mount.source),
          mountPoint: plainText(mount.mountPoint),
          fsType: plainText(mount.fsType),
          mounts: found.mounts,
          ...(await measure(host, found, witnesses)),
          ...judgeReadOnly(mount, writable),
          options: optionsOfNote(mount).map((option) => plainText(option)),
        };
      }),
    );
    const unread = rows
      .filter(({ status }) => status === 'timeout' || status === 'unavailable')
      .map(({ mountPoint, reason, detail }) => ({ what: mountPoint, reason: reason ?? 'other', detail }));
    const unclear = { what: '/proc/1/mountinfo', reason: 'parse_error', detail: `${malformed} lines` } as const;
    return {
      source: 'file:/proc/1/mountinfo, statfs',
      total: rows.length,
      truncated: rows.length > MAX_FILESYSTEMS,
      missing: [...files.missing, ...(malformed > 0 ? [unclear] : []), ...unread],
      data: { filesystems: rows.sort(worstFirst).slice(0, MAX_FILESYSTEMS), excluded },
    };
  },
});

type Measured = Pick<Filesystem, 'status' | 'reason' | 'detail'> & ReturnType<typeof usageOf>;

async function measure(host: HostRoot, found: ChosenFilesystem, witnesses: Witnesses): Promise<Measured> {
  const { mount, remote } = found;
  if (remote !== null) return { status: 'skipped_network_fs', reason: 'not_configured', detail: remote, ...NO_USAGE };
  const asked = await attempt(host.statfs(mount.mountPoint));
  if (asked.ok && isOf(asked.value, mount))
    return { status: 'ok', reason: null, detail: null, ...usageOf(asked.value) };
  if (!asked.ok && (asked.error.reason === 'timeout' || asked.error.reason === 'too_many')) {
    return { status: 'timeout', reason: asked.error.reason, detail: asked.error.message, ...NO_USAGE };
  }
  const figures = await witnesses(mount.device);
  if (figures !== null) return { status: 'ok', reason: null, detail: null, ...usageOf(figures) };
  const reason = asked.ok ? 'not_found' : asked.error.reason;
  const detail = reason === 'not_found' || asked.ok ? "not mounted into the agent's container" : asked.error.message;
  return { status: 'unavailable', reason, detail, ...NO_USAGE };
}

/** Figures of a file system by its device, from a path that happens to lie in it; asked once, and only when needed. */
type Witnesses = (device: string) => Promise<FilesystemFigures | null>;

function createWitnesses(host: HostRoot): Witnesses {
  let asked: Promise<FilesystemFigures[]> | null = null;
  const ask = async () => {
    const answers = await Promise.all(WITNESSES.map((path) => attempt(host.statfs(path))));
    return answers.flatMap((answer) => (answer.ok ? [answer.value] : []));
  };
  return async (device) => {
    asked ??= ask();
    return (await asked).find((figures) => figures.device === device) ?? null;
  };
}

/** Writes that stopped, then file systems that hang, then the fullest; those that could not be measured last. */
function worstFirst(a: Filesystem, b: Filesystem): number {
  return badness(b) - badness(a) || (a.mountPoint < b.mountPoint ? -1 : 1);
}

function badness({ emergencyReadOnly, status, readOnly, usedRatio, inodesUsedRatio }: Filesystem): number {
  if (emergencyReadOnly) return 4;
  if (status === 'timeout') return 3;
  if (status !== 'ok') return -1;
  // What nobody writes to cannot run full.
  return readOnly ? 0 : 1 + Math.max(usedRatio ?? 0, inodesUsedRatio ?? 0);
}
