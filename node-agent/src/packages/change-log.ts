import type { PackageFacts } from '@telemcp/shared/facts/packages';
import { plainText } from '../plain-text.ts';
import { fromLocalTime } from './local-time.ts';

type Change = NonNullable<PackageFacts['lastChange']>;

/** One line of a manager's log: when by the log's own clock, and what was done. */
interface LoggedChange {
  /** With an offset, or the wall clock's reading without one. */
  at: string;
  action: string;
  name: string;
  version: string | null;
}

const WALL_CLOCK = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;
const WITH_OFFSET = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:Z|([+-]\d\d):?(\d\d))$/;
/** What follows is the configuring of what was unpacked before: told only when that is no longer in the part that was read. */
const AFTERMATH = 'configure';

/** Logs by manager, the newest of each first: rotation leaves the one before unpacked. */
export const CHANGE_LOGS = {
  dpkg: ['/var/log/dpkg.log', '/var/log/dpkg.log.1'],
  pacman: ['/var/log/pacman.log'],
  dnf: ['/var/log/dnf.rpm.log', '/var/log/dnf.rpm.log.1'],
  zypper: ['/var/log/zypp/history'],
} as const;

/**
 * The newest change in the last part of a log.
 * @param tail may begin in the middle of a line
 * @param zone of a log that is kept in local time
 * @param modifiedAt stands in where the time of a line cannot be told; the log is written to until the end of a run
 */
export function findLastChange(path: string, tail: string, zone: string | null, modifiedAt: Date): Change | null {
  const parse = parserFor(path);
  let aftermath: LoggedChange | null = null;
  for (const line of tail.split('\n').reverse()) {
    const change = parse(line.slice(0, 1024).trimEnd());
    if (change === null) continue;
    if (change.action === AFTERMATH) aftermath ??= change;
    else return told(change, zone, modifiedAt);
  }
  return aftermath === null ? null : told(aftermath, zone, modifiedAt);
}

function told({ at, action, name, version }: LoggedChange, zone: string | null, modifiedAt: Date): Change {
  const moment = WALL_CLOCK.test(at) ? (zone === null ? null : fromLocalTime(at, zone)) : withOffset(at);
  return {
    at: moment ?? modifiedAt.toISOString(),
    action,
    name: plainText(name),
    version: version && plainText(version),
  };
}

function withOffset(text: string): string | null {
  const [, reading, hours, minutes] = WITH_OFFSET.exec(text) ?? [];
  if (reading === undefined) return null;
  const ms = Date.parse(`${reading}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

function parserFor(path: string): (line: string) => LoggedChange | null {
  if (path.startsWith('/var/log/dpkg')) return parseDpkg;
  if (path.startsWith('/var/log/pacman')) return parsePacman;
  return path.startsWith('/var/log/zypp') ? parseZypp : parseDnf;
}

/** `2024-10-02 06:12:34 upgrade openssl:amd64 3.0.13-1 3.0.14-1`, dpkg(1) --log. */
function parseDpkg(line: string): LoggedChange | null {
  const [day, clock, action = '', subject = '', before, after] = line.split(' ');
  const at = `${day} ${clock}`;
  if (!WALL_CLOCK.test(at) || !['install', 'upgrade', 'remove', 'purge', AFTERMATH].includes(action)) return null;
  const version = action === 'install' || action === 'upgrade' ? after : before;
  return { at, action, name: subject.split(':')[0] ?? '', version: version === '<none>' ? null : (version ?? null) };
}

const PACMAN_ACTIONS: Readonly<Record<string, string>> = {
  installed: 'install',
  reinstalled: 'install',
  upgraded: 'upgrade',
  downgraded: 'downgrade',
  removed: 'remove',
};

/** `[2024-10-02T06:12:34+0200] [ALPM] upgraded linux (6.11.1.arch1-1 -> 6.11.2.arch1-1)`. */
function parsePacman(line: string): LoggedChange | null {
  const [, at, word = '', name, versions = ''] = /^\[([^\]]+)\] \[ALPM\] (\w+) (\S+) \(([^)]*)\)$/.exec(line) ?? [];
  const action = PACMAN_ACTIONS[word];
  if (at === undefined || name === undefined || action === undefined) return null;
  return { at, action, name, version: versions.split(' -> ').at(-1) || null };
}

/** `2024-10-02 06:12:34|install|openssl|3.1.4-1|x86_64|root@host|repo|…`; an upgrade is an install there, too. */
function parseZypp(line: string): LoggedChange | null {
  const [at = '', word = '', name = '', version = ''] = line.split('|');
  const action = word.trim();
  if (!WALL_CLOCK.test(at) || (action !== 'install' && action !== 'remove') || name === '') return null;
  return { at, action, name, version: version || null };
}

const DNF_ACTIONS: Readonly<Record<string, string>> = {
  Installed: 'install',
  Reinstall: 'install',
  Upgrade: 'upgrade',
  Downgrade: 'downgrade',
  Removed: 'remove',
  Erase: 'remove',
};

/** `2024-10-02T06:12:34+0200 SUBDEBUG Upgrade: openssl-1:3.0.7-28.el9_4.x86_64`. */
function parseDnf(line: string): LoggedChange | null {
  const [at = '', , word = '', subject = ''] = line.split(/ +/, 4);
  const action = word.endsWith(':') ? DNF_ACTIONS[word.slice(0, -1)] : undefined;
  const architecture = subject.lastIndexOf('.');
  const release = subject.lastIndexOf('-');
  const version = subject.lastIndexOf('-', release - 1);
  if (action === undefined || version < 1 || architecture < release) return null;
  return { at, action, name: subject.slice(0, version), version: subject.slice(version + 1, architecture) };
}
