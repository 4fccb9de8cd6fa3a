import type { PackageRow } from '@telemcp/shared/facts/packages';
import { attempt } from '../attempt.ts';
import { defineCollector } from '../collector.ts';
import { createHostReader } from '../host-reader.ts';
import { CHANGE_LOGS } from '../packages/change-log.ts';
import { HOLD_FILES } from '../packages/holds.ts';
import { MANAGER_MARKS, readInstalled } from '../packages/installed-packages.ts';
import { DATABASE_PATHS } from '../packages/package-database.ts';
import {
  readLastChange,
  readLastUpdateSuccess,
  readListsChangedAt,
  readPending,
  readRebootPackages,
  readUnattended,
  readUnfinished,
  UPKEEP_PATHS,
} from '../packages/package-upkeep.ts';

const MAX_ROWS = 50;

export const packages = defineCollector({
  family: 'packages',
  help: 'Package manager, installed, held and broken packages, age of the lists, last change, pending updates as the host counts them.',
  hostPaths: [
    ...[DATABASE_PATHS, UPKEEP_PATHS, Object.values(CHANGE_LOGS).flat(), Object.values(HOLD_FILES).flat()].flat(),
    ...MANAGER_MARKS.flatMap(({ paths }) => paths),
    '/etc/os-release',
    '/usr/lib/os-release',
  ].sort(),
  busNames: [],
  ttlMs: 60_000,
  timeoutMs: 3000,
  async collect({ host }) {
    const files = createHostReader(host);
    const installed = await readInstalled(host, files);
    const { manager, imageBased, place, packages: rows, holds } = installed;
    const [modified, unfinished, listsChangedAt, lastUpdateSuccessAt, lastChange, unattendedUpgrades, reboot, pending] =
      await Promise.all([
        place === null ? null : attempt(host.modifiedAt(place.path)),
        readUnfinished(files, installed),
        readListsChangedAt(host, files, manager),
        readLastUpdateSuccess(host, files, manager),
        readLastChange(host, files, installed),
        readUnattended(files, installed),
        readRebootPackages(files, manager),
        readPending(host, files),
      ]);
    const modifiedAt = modified?.ok === true ? (modified.value?.toISOString() ?? null) : null;
    return {
      source: place === null ? 'file:/etc/os-release' : `file:${place.path}`,
      missing: files.missing,
      data: {
        manager,
        imageBased,
        database: place === null ? null : { format: place.format, path: place.path, modifiedAt },
        installed: rows?.length ?? null,
        held: holds === null || rows === null ? null : heldOf(rows),
        broken: place?.format === 'dpkg' || place?.format === 'apk' ? brokenOf(rows) : null,
        unfinished,
        listsChangedAt,
        lastUpdateSuccessAt,
        lastChange,
        unattendedUpgrades,
        rebootRequiredBy: reboot,
        ...pending,
      },
    };
  },
});

function heldOf(rows: readonly PackageRow[]) {
  const names = [...new Set(rows.filter(({ held }) => held).map(({ name }) => name))];
  return { total: names.length, names: names.slice(0, MAX_ROWS) };
}

/** Only dpkg and apk keep how far an installation came. */
function brokenOf(rows: readonly PackageRow[] | null) {
  if (rows === null) return null;
  const broken = rows.filter(({ state }) => state !== 'installed');
  return { total: broken.length, packages: broken.slice(0, MAX_ROWS) };
}
