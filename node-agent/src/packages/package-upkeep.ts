import type { PackageFacts } from '@telemcp/shared/facts/packages';
import { attempt } from '../attempt.ts';
import type { HostReader } from '../host-reader.ts';
import type { HostRoot } from '../host-root.ts';
import { readTimezone } from '../time/time-zone.ts';
import { parseAptSettings, upgradesUnattended } from './apt-settings.ts';
import { CHANGE_LOGS, findLastChange } from './change-log.ts';
import type { Installed, Manager } from './installed-packages.ts';
import { parseUpdatesAvailable } from './pending-updates.ts';

/** The part of a log that is read: a release upgrade writes less after its last `upgrade`. */
const TAIL_BYTES = 256 * 1024;
/** More files of settings than a host has. */
const MAX_FILES = 64;

/** Paths looked at besides databases, logs, holds and what tells the manager. */
export const UPKEEP_PATHS = [
  '/etc/apt/apt.conf',
  '/etc/dnf/automatic.conf',
  '/etc/localtime',
  '/etc/systemd/system/timers.target.wants',
  '/etc/timezone',
  '/run',
  '/var/cache/apk',
  '/var/cache/dnf',
  '/var/cache/libdnf5',
  '/var/cache/zypp/raw',
  '/var/lib/apt/periodic',
  '/var/lib/pacman/sync',
  '/var/lib/update-notifier/updates-available',
];

/** A file's or directory's last change as RFC 3339; null where it is not there, or could not be looked at. */
async function modifiedAt(host: HostRoot, files: HostReader, path: string): Promise<string | null> {
  const found = await attempt(host.modifiedAt(path));
  if (found.ok) return found.value?.toISOString() ?? null;
  files.missing.push({ what: path, reason: found.error.reason, detail: found.error.message });
  return null;
}

async function newestOf(host: HostRoot, files: HostReader, paths: readonly string[]): Promise<string | null> {
  const times = await Promise.all(paths.slice(0, MAX_FILES).map((path) => modifiedAt(host, files, path)));
  return (
    times
      .filter((time) => time !== null)
      .sort()
      .at(-1) ?? null
  );
}

/**
 * When the lists of available packages were last replaced. Files of apt and pacman carry the time of the server they came from,
 * so there it is the directory's own time that counts, provided that lists are in it.
 */
export async function readListsChangedAt(host: HostRoot, files: HostReader, manager: Manager): Promise<string | null> {
  const among = async (directory: string, pattern: RegExp) =>
    ((await files.names(directory)) ?? []).filter((name) => pattern.test(name)).map((name) => `${directory}/${name}`);
  switch (manager) {
    case 'apt':
      return (await among('/var/lib/apt/lists', /_(?:InRelease|Release|Packages)/)).length === 0
        ? null
        : modifiedAt(host, files, '/var/lib/apt/lists');
    case 'pacman':
      return (await among('/var/lib/pacman/sync', /\.db$/)).length === 0
        ? null
        : modifiedAt(host, files, '/var/lib/pacman/sync');
    case 'apk':
      return newestOf(host, files, await among('/var/cache/apk', /^APKINDEX\./));
    case 'dnf': {
      const [dnf4, dnf5] = await Promise.all([
        among('/var/cache/dnf', /\.solv$/),
        among('/var/cache/libdnf5', /-[0-9a-f]{16}$/),
      ]);
      return newestOf(host, files, [...dnf4, ...dnf5.map((repository) => `${repository}/repodata`)]);
    }
    case 'zypper':
      return newestOf(host, files, await among('/var/cache/zypp/raw', /./));
    default:
      return null;
  }
}

/** Ubuntu's hook writes the first after every update, the timer of apt the second. */
const SUCCESS_STAMPS = ['/var/lib/apt/periodic/update-success-stamp', '/var/lib/apt/periodic/update-stamp'] as const;

export async function readLastUpdateSuccess(
  host: HostRoot,
  files: HostReader,
  manager: Manager,
): Promise<string | null> {
  return manager === 'apt' ? newestOf(host, files, SUCCESS_STAMPS) : null;
}

/** By rpm's database itself, else by the newest line of the manager's log. */
export async function readLastChange(
  host: HostRoot,
  files: HostReader,
  { manager, database }: Installed,
): Promise<PackageFacts['lastChange']> {
  const newest = database?.newest ?? null;
  if (newest !== null) {
    const { name, version } = newest.package;
    return { at: new Date(newest.atSeconds * 1000).toISOString(), action: 'install', name, version };
  }
  const log = manager === 'apt' ? 'dpkg' : manager;
  for (const path of isLogged(log) ? CHANGE_LOGS[log] : []) {
    const tail = await attempt(
      host.withFile(path, async (file) => ({
        text: (await file.read(Math.max(0, file.sizeBytes - TAIL_BYTES), TAIL_BYTES)).toString('utf8'),
        modifiedAt: file.modifiedAt,
      })),
    );
    if (!tail.ok) {
      const { reason, message } = tail.error;
      if (reason !== 'not_found') files.missing.push({ what: path, reason, detail: message });
      continue;
    }
    const change = findLastChange(path, tail.value.text, await readTimezone(host, files), tail.value.modifiedAt);
    // A copy: parts of a text are views of it in V8, and would keep all of the log in memory.
    if (change !== null) return structuredClone(change);
  }
  return null;
}

function isLogged(manager: string): manager is keyof typeof CHANGE_LOGS {
  return Object.hasOwn(CHANGE_LOGS, manager);
}

/** Null where it cannot be told: settings or timers cannot be seen, or the manager has no such service. */
export async function readUnattended(files: HostReader, { manager, packages }: Installed): Promise<boolean | null> {
  const isInstalled = (...names: string[]) => packages?.some(({ name }) => names.includes(name)) ?? null;
  if (manager === 'apt') {
    const service = isInstalled('unattended-upgrades');
    return service === true ? readAptUnattended(files) : service;
  }
  if (manager !== 'dnf') return null;
  const service = isInstalled('dnf-automatic', 'dnf5-plugin-automatic');
  if (service === false) return false;
  const [settings, timers] = await Promise.all([
    files.text('/etc/dnf/automatic.conf'),
    files.names('/etc/systemd/system/timers.target.wants'),
  ]);
  if (timers === null) return null;
  if (timers.includes('dnf-automatic-install.timer')) return true;
  const isTimed = timers.some((name) => name === 'dnf-automatic.timer' || name === 'dnf5-automatic.timer');
  return isTimed && /^\s*apply_updates\s*=\s*(?:yes|true|1|on)\s*$/im.test(settings ?? '');
}

async function readAptUnattended(files: HostReader): Promise<boolean | null> {
  const names = await files.names('/etc/apt/apt.conf.d');
  if (names === null) return null;
  const known = files.missing.length;
  // apt reads what has no extension or .conf, by name, and its main file after these.
  const wanted = names.filter((name) => /^(?:[\w:-]+|[\w:.-]+\.conf)$/.test(name)).slice(0, MAX_FILES);
  const paths = [...wanted.map((name) => `/etc/apt/apt.conf.d/${name}`), '/etc/apt/apt.conf'];
  const texts = await Promise.all(paths.map((path) => files.text(path, 65_536)));
  if (files.missing.length > known) return null;
  const settings = new Map<string, string>();
  for (const text of texts) if (text !== null) parseAptSettings(text, settings);
  return upgradesUnattended(settings);
}

const UPDATES_AVAILABLE = '/var/lib/update-notifier/updates-available';

/** Only what the host itself counted: comparing lists here would know nothing of pins, phases and holds. */
export async function readPending(
  host: HostRoot,
  files: HostReader,
): Promise<Pick<PackageFacts, 'pending' | 'pendingReason'>> {
  const text = await files.text(UPDATES_AVAILABLE, 65_536);
  if (text === null) {
    const refused = files.missing.find(({ what }) => what === UPDATES_AVAILABLE);
    return { pending: null, pendingReason: refused?.reason ?? 'unsupported' };
  }
  const count = parseUpdatesAvailable(text);
  if (count === null) return { pending: null, pendingReason: 'parse_error' };
  return { pending: { ...count, countedAt: await modifiedAt(host, files, UPDATES_AVAILABLE) }, pendingReason: null };
}

/** Null where nothing on this kind of host would say, or `/run` cannot be seen. */
export async function readRebootPackages(files: HostReader, manager: Manager): Promise<string[] | null> {
  if (manager !== 'apt' && manager !== 'dpkg') return null;
  const [run, text] = await Promise.all([files.names('/run'), files.text('/run/reboot-required.pkgs')]);
  if (text === null) {
    // A sentinel without names, or a /run that is not the host's whole one, says nothing of packages.
    const isWhole = run?.some((name) => name === 'lock' || name === 'udev' || name === 'utmp') === true;
    return isWhole && !run.includes('reboot-required') ? [] : null;
  }
  return [...new Set(text.split('\n').map((name) => name.trim()))].filter((name) => /^[ -~]{1,255}$/.test(name)).sort();
}

/** Whether dpkg or pacman has begun what it has not finished: a run is under way, or one was cut off. */
export async function readUnfinished(files: HostReader, { place }: Installed): Promise<boolean | null> {
  if (place?.format === 'pacman') return files.exists('/var/lib/pacman/db.lck');
  if (place?.format !== 'dpkg') return null;
  // dpkg keeps each change in a numbered file until it is part of the status file.
  const names = await files.names('/var/lib/dpkg/updates');
  return names === null ? null : names.some((name) => /^\d+$/.test(name));
}
