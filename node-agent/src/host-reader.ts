import type { Dirent } from 'node:fs';
import type { Missing } from '@telemcp/shared/envelope';
import { attempt } from './attempt.ts';
import type { HostRoot } from './host-root.ts';
import { plainText } from './plain-text.ts';

/**
 * Reads many small files of which any may be absent. Null or false stands for absent; whatever could not be read for another
 * reason goes to `missing` with its path and counts as null or false here.
 */
export interface HostReader {
  /** A file's whole text, as it is. */
  text(path: string, maxBytes?: number): Promise<string | null>;
  /** A file of one line, as it may be shown; null when it is empty, too. */
  line(path: string): Promise<string | null>;
  exists(path: string): Promise<boolean>;
  entries(path: string): Promise<Dirent[] | null>;
  /** Names in a directory. */
  names(path: string): Promise<string[] | null>;
  missing: Missing[];
}

export function createHostReader(host: HostRoot): HostReader {
  const missing: Missing[] = [];

  async function unlessMissing<T>(path: string, work: Promise<T>): Promise<T | null> {
    const found = await attempt(work);
    if (found.ok) return found.value;
    const { reason, message } = found.error;
    if (reason !== 'not_found') missing.push({ what: path, reason, detail: message });
    return null;
  }

  const entries = (path: string) => unlessMissing(path, host.list(path));
  const text = (path: string, maxBytes?: number) =>
    unlessMissing(path, host.readText(path, maxBytes === undefined ? {} : { maxBytes }));
  return {
    missing,
    text,
    line: async (path) => {
      const found = await text(path);
      return found === null ? null : plainText(found) || null;
    },
    exists: async (path) => (await unlessMissing(path, host.resolve(path))) !== null,
    entries,
    names: async (path) => (await entries(path))?.map((entry) => entry.name) ?? null,
  };
}
