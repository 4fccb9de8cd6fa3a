import { posix } from 'node:path';
import type { Missing, Reason } from '@telemcp/shared/envelope';
import type { Certificate, CertificateError, RevocationList } from '@telemcp/shared/facts/certificates';
import { FactError } from '../fact-error.ts';
import type { HostRoot } from '../host-root.ts';
import { plainText } from '../plain-text.ts';
import { type FileContents, readFileContents } from './file-contents.ts';
import { createKeptCertificates } from './kept-certificates.ts';
import { allowedDirectories } from './places.ts';
import { renewalHintOf } from './renewal.ts';
import { readRevocationList } from './revocation-list.ts';
import { roleOf } from './roles.ts';
import { type FoundFile, findFiles, type SearchLimits } from './search.ts';

/** Bounds of one scan. What lies beyond is counted and said, never dropped in silence. */
export interface ScanLimits extends SearchLimits {
  maxFileBytes: number;
  maxCertificates: number;
  maxErrorsPerFile: number;
}

/** What a scan has found so far; it grows while the scan runs, so that a scan out of time still has what it read. */
export interface ScanReport {
  certificates: Certificate[];
  /** Certificates seen beyond `maxCertificates`. */
  notDecoded: number;
  revocationLists: RevocationList[];
  errors: CertificateError[];
  /** What was cut, as opposed to what failed. */
  cut: Missing[];
  /** Whether there are files that were not read because of a limit; they may hold further certificates. */
  isIncomplete: boolean;
  absent: string[];
  filesRead: number;
}

/** An empty report for `scanPlaces` to fill. */
export function newReport(): ScanReport {
  return {
    certificates: [],
    notDecoded: 0,
    revocationLists: [],
    errors: [],
    cut: [],
    isIncomplete: false,
    absent: [],
    filesRead: 0,
  };
}

/**
 * Reads every file that `places` stand for, and the files that their kubeconfigs name, into `report`.
 * @throws {FactError} `timeout` once `signal` aborts; it must be the host's own signal, or abort before it
 */
export async function scanPlaces(
  host: HostRoot,
  places: readonly string[],
  now: Date,
  limits: ScanLimits,
  report: ScanReport,
  signal: AbortSignal,
): Promise<void> {
  const within = allowedDirectories(places);
  const found = await findFiles(host, places, within, limits, signal);
  report.absent.push(...found.absent);
  report.cut.push(...found.cut.map((row) => ({ ...row, what: plainText(row.what, 1024) })));
  report.isIncomplete = found.cut.length > 0;
  for (const { path, reason, detail } of found.errors) addError(report, path, null, reason, detail);
  const queue = [...found.files];
  const known = new Set(queue.map((file) => file.target));
  // The queue grows while it is walked: kubeconfigs add the files they name.
  for (const file of queue) {
    if (signal.aborted) throw new FactError('timeout', 'the reading of certificates was stopped');
    const contents = await readOne(host, file, within, limits, report, signal);
    if (contents === null) continue;
    takeContents(file.path, contents, now, limits, report);
    for (const reference of contents.references) {
      const named = await follow(host, file.path, reference, within, report, signal);
      if (named === null || known.has(named.target)) continue;
      known.add(named.target);
      if (queue.length < limits.maxFiles) queue.push(named);
    }
  }
  const left = known.size - queue.length;
  if (left > 0) {
    report.isIncomplete = true;
    const detail = `${left} files that kubeconfigs name were not read, after ${queue.length} others`;
    report.cut.push({ what: 'files', reason: 'too_many', detail });
  }
}

/** The contents of a file; null once the reason is noted why it could not be read. */
async function readOne(
  host: HostRoot,
  file: FoundFile,
  within: readonly string[],
  limits: ScanLimits,
  report: ScanReport,
  signal: AbortSignal,
): Promise<FileContents | null> {
  try {
    const bytes = await host.readBytes(file.target, { within, maxBytes: limits.maxFileBytes });
    report.filesRead += 1;
    return await readFileContents(bytes, file.expected);
  } catch (error) {
    if (!(error instanceof FactError) || signal.aborted) throw error;
    // A pattern may match a symlink to a directory or a socket, and files vanish while one looks.
    const isNoise = error.reason === 'not_found' || (error.reason === 'not_a_file' && !file.expected);
    if (!isNoise) addError(report, file.path, null, error.reason, error.message);
    return null;
  }
}

/** The file that a kubeconfig names; null once the reason is noted why it cannot be followed. */
async function follow(
  host: HostRoot,
  kubeconfig: string,
  reference: { embeddedAt: string; path: string },
  within: readonly string[],
  report: ScanReport,
  signal: AbortSignal,
): Promise<FoundFile | null> {
  const path = posix.resolve(posix.dirname(kubeconfig), reference.path);
  try {
    return { path, target: await host.resolve(path, { within }), expected: true };
  } catch (error) {
    if (!(error instanceof FactError) || signal.aborted) throw error;
    const problem =
      error.reason === 'out_of_scope_symlink' ? ', which leads out of the directories searched' : `: ${error.message}`;
    addError(report, kubeconfig, reference.embeddedAt, error.reason, `names ${plainText(path, 300)}${problem}`);
    return null;
  }
}

const decode = createKeptCertificates();

function takeContents(path: string, contents: FileContents, now: Date, limits: ScanLimits, report: ScanReport): void {
  const errors = contents.errors.map((error) => ({ ...error }));
  for (const { der, ...place } of contents.certificates) {
    if (report.certificates.length >= limits.maxCertificates) {
      report.notDecoded += 1;
      continue;
    }
    try {
      const { contents: read, namesLeftOut } = decode(der, now);
      const shown = plainText(path, 1024);
      const role = roleOf(path, { ...place, isCa: read.isCa });
      const renewalHint = renewalHintOf(path, role);
      report.certificates.push({ path: shown, ...place, ...read, role, inUse: true, renewalHint });
      if (namesLeftOut > 0) {
        const detail = `certificate ${place.index}: ${namesLeftOut} further alternative names`;
        report.cut.push({ what: shown, reason: 'too_many', detail });
      }
    } catch (error) {
      errors.push({ embeddedAt: place.embeddedAt, ...problemOf(error, `certificate ${place.index}`) });
    }
  }
  for (const [index, der] of contents.revocationLists.entries()) {
    try {
      report.revocationLists.push({ path: plainText(path, 1024), ...readRevocationList(der, now) });
    } catch (error) {
      errors.push({ embeddedAt: null, ...problemOf(error, `revocation list ${index}`) });
    }
  }
  for (const error of errors.slice(0, limits.maxErrorsPerFile)) {
    addError(report, path, error.embeddedAt, error.reason, error.detail);
  }
  const left = errors.length - limits.maxErrorsPerFile;
  if (left > 0) report.cut.push({ what: plainText(path, 1024), reason: 'too_many', detail: `${left} further errors` });
}

function problemOf(error: unknown, what: string): { reason: Reason; detail: string } {
  if (!(error instanceof FactError)) throw error;
  return { reason: error.reason, detail: `${what}: ${error.message}` };
}

function addError(report: ScanReport, path: string, embeddedAt: string | null, reason: Reason, detail: string): void {
  report.errors.push({ path: plainText(path, 1024), embeddedAt, reason, detail });
}
