import type { Dirent } from 'node:fs';
import { posix } from 'node:path';
import type { Missing, Reason } from '@telemcp/shared/envelope';
import { FactError } from '../fact-error.ts';
import type { HostRoot } from '../host-root.ts';
import { isPattern, mayHoldCertificates, namesCertificates } from './places.ts';

/** A file to read. */
export interface FoundFile {
  /** As the search came to it. */
  path: string;
  /** Where it leads once symlinks are followed. */
  target: string;
  /** Whether its name or the place says that it holds certificates. */
  expected: boolean;
}

/** What a search came to. */
export interface SearchOutcome {
  files: FoundFile[];
  /** Places at which nothing exists. */
  absent: string[];
  /** Files and directories that exist and could not be looked at. */
  errors: { path: string; reason: Reason; detail: string }[];
  /** What was left out because there is too much of it. */
  cut: Missing[];
}

/** Bounds of one search. */
export interface SearchLimits {
  maxFiles: number;
  maxEntriesPerDirectory: number;
}

/** A path that a place stands for. */
interface Candidate {
  path: string;
  /** False when the path is only put together from the place, so that nothing may be there. */
  listed: boolean;
  /** Where it leads, when the directory that named it told that it is a plain file. */
  target: string | null;
}

interface Listing {
  /** The directory without symlinks. */
  target: string;
  entries: Dirent[];
}

/**
 * Finds the files that places stand for. A place is a file, a directory (then its files whose name is one of a certificate or
 * a configuration, one level) or a shell pattern whose segments each match one level (`*` matches no hidden name). A file that
 * several paths lead to is found once. Symlinks that leave `within` are errors.
 * @throws {FactError} `timeout` only, once `signal` aborts; a path whose file system hangs since an earlier search is an error
 */
export async function findFiles(
  host: HostRoot,
  places: readonly string[],
  within: readonly string[],
  limits: SearchLimits,
  signal: AbortSignal,
): Promise<SearchOutcome> {
  const outcome: SearchOutcome = { files: [], absent: [], errors: [], cut: [] };
  const known = new Set<string>();
  const listings = new Map<string, Promise<Listing | null>>();
  const failed = new Set<string>();

  /** The value; null where nothing exists, and where it failed, which is noted. */
  async function attempt<T>(path: string, work: Promise<T>): Promise<T | null> {
    try {
      const value = await work;
      if (signal.aborted) throw new FactError('timeout', 'the search for certificates was stopped');
      return value;
    } catch (error) {
      if (!(error instanceof FactError) || signal.aborted) throw error;
      if (error.reason !== 'not_found') note(path, error.reason, error.message);
      return null;
    }
  }

  function note(path: string, reason: Reason, detail: string): void {
    if (!failed.has(path)) outcome.errors.push({ path, reason, detail });
    failed.add(path);
  }

  /** Each directory is listed once, however many places name it. */
  function list(directory: string): Promise<Listing | null> {
    const listing = listings.get(directory) ?? attempt(directory, listAnew(directory));
    listings.set(directory, listing);
    return listing;
  }

  async function listAnew(directory: string): Promise<Listing> {
    const target = await host.resolve(directory, { within });
    const entries = await host.list(target, { within });
    if (entries.length <= limits.maxEntriesPerDirectory) return { target, entries };
    const detail = `${entries.length} entries, the first ${limits.maxEntriesPerDirectory} were looked at`;
    outcome.cut.push({ what: directory, reason: 'too_many', detail });
    return { target, entries: entries.slice(0, limits.maxEntriesPerDirectory) };
  }

  function candidateFrom(directory: string, listing: Listing, entry: Dirent): Candidate {
    const target = entry.isFile() ? posix.join(listing.target, entry.name) : null;
    return { path: posix.join(directory, entry.name), listed: true, target };
  }

  /** The candidates of a place, and whether a directory on the way could not be listed. */
  async function expand(place: string): Promise<{ candidates: Candidate[]; isDenied: boolean }> {
    let candidates: Candidate[] = [{ path: '/', listed: false, target: null }];
    let isDenied = false;
    const segments = place.split('/').filter(Boolean);
    for (const [position, segment] of segments.entries()) {
      const isLast = position === segments.length - 1;
      const next: Candidate[] = [];
      for (const { path } of candidates) {
        if (!isPattern(segment)) {
          next.push({ path: posix.join(path, segment), listed: false, target: null });
          continue;
        }
        const listing = await list(path);
        isDenied ||= failed.has(path);
        for (const entry of listing?.entries ?? []) {
          const fits = entry.isSymbolicLink() || (isLast ? entry.isFile() : entry.isDirectory());
          if (fits && listing !== null && matches(entry.name, segment)) next.push(candidateFrom(path, listing, entry));
        }
      }
      candidates = next;
    }
    return { candidates, isDenied };
  }

  /** Takes one candidate; false where nothing exists. */
  async function take(candidate: Candidate, expected: boolean): Promise<boolean> {
    const { path, listed } = candidate;
    const target = candidate.target ?? (await attempt(path, host.resolve(path, { within })));
    if (target === null) {
      // Listed a moment ago and not there: a symlink to nothing.
      if (listed && !failed.has(path)) note(path, 'not_found', 'a symlink that leads nowhere');
      return failed.has(path);
    }
    const listing = listed ? null : await list(path);
    if (failed.has(path)) return true;
    for (const entry of listing?.entries ?? []) {
      if (listing === null || !(entry.isFile() || entry.isSymbolicLink()) || !mayHoldCertificates(entry.name)) continue;
      await take(candidateFrom(path, listing, entry), namesCertificates(entry.name));
    }
    if (listing !== null || known.has(target)) return true;
    known.add(target);
    if (outcome.files.length < limits.maxFiles) outcome.files.push({ path, target, expected });
    return true;
  }

  for (const place of places) {
    const problem = problemOf(place);
    if (problem !== null) {
      note(place, 'unsupported', problem);
      continue;
    }
    const { candidates, isDenied } = await expand(posix.normalize(place));
    let exists = isDenied;
    for (const candidate of candidates) {
      const expected = !isPattern(place) || namesCertificates(posix.basename(candidate.path));
      exists = (await take(candidate, expected)) || exists;
    }
    if (!exists) outcome.absent.push(place);
  }
  const left = known.size - outcome.files.length;
  if (left > 0) {
    outcome.cut.push({ what: 'files', reason: 'too_many', detail: `${left} of ${known.size} files were not read` });
  }
  return outcome;
}

function problemOf(place: string): string | null {
  if (!place.startsWith('/')) return 'not an absolute path';
  return place.includes('**') ? 'each level needs a segment of its own, not **' : null;
}

/** As a shell matches: a leading dot has to be in the pattern. */
function matches(name: string, pattern: string): boolean {
  return (!name.startsWith('.') || pattern.startsWith('.')) && posix.matchesGlob(name, pattern);
}
