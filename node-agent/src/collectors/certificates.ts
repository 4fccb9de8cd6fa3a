import { posix } from 'node:path';
import type { Missing } from '@telemcp/shared/envelope';
import type { Certificate, CertificateError } from '@telemcp/shared/facts/certificates';
import { DEFAULT_DIRECTORIES, DEFAULT_PLACES } from '../certificates/places.ts';
import { newReport, type ScanLimits, type ScanReport, scanPlaces } from '../certificates/scan.ts';
import { defineCollector } from '../collector.ts';
import { FactError } from '../fact-error.ts';

const LIMITS: ScanLimits = {
  maxFiles: 2_000,
  maxFileBytes: 1024 * 1024,
  maxEntriesPerDirectory: 10_000,
  maxCertificates: 5_000,
  maxErrorsPerFile: 20,
};
const MAX_ERRORS = 1_000;
const MAX_MISSING = 100;
/** Below the collector's timeout, so that one directory that hangs does not cost what was read before. */
const SCAN_MS = 8_000;

export const certificates = defineCollector({
  family: 'certificates',
  help: 'X.509 certificates and revocation lists in files, bundles, kubeconfigs and PKCS#12, soonest expiry first.',
  hostPaths: DEFAULT_DIRECTORIES,
  busNames: [],
  ttlMs: 60_000,
  timeoutMs: 10_000,
  async collect({ host, settings, signal }) {
    const places = settings.certificatePaths ?? DEFAULT_PLACES;
    const report = newReport();
    const isComplete = await finishesInTime(
      (stop) => scanPlaces(host, places, new Date(), LIMITS, report, stop),
      signal,
    );
    if (!isComplete) {
      const detail = `not finished after ${SCAN_MS} ms, ${report.filesRead} files were read`;
      report.cut.push({ what: 'certificates', reason: 'timeout', detail });
    }
    throwIfDenied(report);
    if (report.notDecoded > 0) {
      const detail = `${report.notDecoded} further certificates were counted and not decoded`;
      report.cut.push({ what: 'certificates', reason: 'too_many', detail });
    }
    if (report.errors.length > MAX_ERRORS) {
      const detail = `${report.errors.length - MAX_ERRORS} further errors`;
      report.cut.push({ what: 'errors', reason: 'too_many', detail });
    }
    return {
      data: {
        certificates: soonestFirst(markSuperseded(report.certificates)),
        errors: report.errors.slice(0, MAX_ERRORS),
        // Copies: a scan that was left behind may still add to its report.
        revocationLists: [...report.revocationLists],
        searched: [...places],
        absent: [...report.absent],
        filesRead: report.filesRead,
      },
      source: 'file:certificate paths',
      total: report.certificates.length + report.notDecoded,
      truncated: !isComplete || report.isIncomplete || report.notDecoded > 0,
      missing: missingOf(report),
    };
  },
});

/**
 * Whether the scan ended before its time was up. One that did not is told to stop, which it does once the call of the file
 * system that it waits for comes back.
 */
async function finishesInTime(scan: (stop: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<boolean> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), SCAN_MS);
  const stop = AbortSignal.any([signal, controller.signal]);
  const { promise: stopped, resolve } = Promise.withResolvers<boolean>();
  const onStop = () => resolve(false);
  stop.addEventListener('abort', onStop, { once: true });
  try {
    return await Promise.race([scan(stop).then(() => true), stopped]);
  } catch (error) {
    if (error instanceof FactError && error.reason === 'timeout') return false;
    throw error;
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', onStop);
  }
}

/** Where all there is was refused, nothing was looked at: an empty list would be a lie. */
function throwIfDenied(report: ScanReport): void {
  const isEmpty = report.certificates.length === 0 && report.revocationLists.length === 0 && report.filesRead === 0;
  if (!isEmpty || report.errors.length === 0) return;
  if (report.errors.some((error) => error.reason !== 'permission_denied')) return;
  const paths = report.errors.map((error) => error.path);
  const shown = `${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ` and ${paths.length - 3} more` : ''}`;
  throw new FactError('permission_denied', `may not read ${shown}`, {
    hint: 'Run the part of the agent that reads certificates as root without capabilities, with the directories mounted read-only.',
  });
}

/** Marks certificates that a newer one for the same subject and role, in the same directory, has replaced. */
function markSuperseded(found: readonly Certificate[]): Certificate[] {
  const newest = new Map<string, string>();
  for (const certificate of found) {
    const key = purposeOf(certificate);
    if (certificate.notAfter > (newest.get(key) ?? '')) newest.set(key, certificate.notAfter);
  }
  return found.map((certificate) => ({
    ...certificate,
    inUse: certificate.notAfter >= (newest.get(purposeOf(certificate)) ?? ''),
  }));
}

function purposeOf({ path, sourceKind, subject, role, isCa, dnsNames }: Certificate): string {
  // Public certificates often have an empty subject, and one directory serves many sites: only the names tell them apart.
  const names = role === null || role === 'web' || role === 'registry' ? dnsNames : [];
  return JSON.stringify([posix.dirname(path), sourceKind, subject, role, isCa, names]);
}

function soonestFirst(found: readonly Certificate[]): Certificate[] {
  return found.toSorted((a, b) => compare(a.notAfter, b.notAfter) || compare(a.path, b.path) || a.index - b.index);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Cuts first: they say that rows are not there at all. */
function missingOf({ cut, errors }: ScanReport): Missing[] {
  const rows = [...cut, ...errors.map(missingRow)];
  if (rows.length <= MAX_MISSING) return rows;
  const detail = `${rows.length - MAX_MISSING} further rows; data.errors has those of single files`;
  return [...rows.slice(0, MAX_MISSING), { what: 'missing', reason: 'too_many', detail }];
}

function missingRow({ path, embeddedAt, reason, detail }: CertificateError): Missing {
  return { what: embeddedAt === null ? path : `${path} ${embeddedAt}`, reason, detail };
}
