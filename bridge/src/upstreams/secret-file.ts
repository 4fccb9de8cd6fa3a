import { readFile } from 'node:fs/promises';
import { SettingsError } from '@telemcp/shared/settings';

/** A file that holds one secret, looked at when it is opened and whenever asked again. */
export interface SecretFile {
  /** The last secret that could be used, without the line break at its end. */
  current(): string;
  /** Why the file as it was last seen cannot be used, with setting and path; null when it can. `current` is then the one before. */
  problem(): string | null;
  /** Reads it again; true when `current` or `problem` is another than before. Content is compared: Kubernetes swaps a symlink. */
  look(): Promise<boolean>;
}

/** Longer than any token: those of cloud identities with many groups come to some 10 kB. */
const MAX_LENGTH = 65_536;

/** @throws {SettingsError} naming setting and path of a file that is absent, empty, or holds more than one line */
export async function openSecretFile(place: Readonly<{ setting: string; path: string }>): Promise<SecretFile> {
  let problem: string | null = null;
  const first = await read(place.path);
  const named = (words: string) => `${place.setting}: ${place.path}: ${words}`;
  if ('problem' in first) throw new SettingsError([named(first.problem)]);
  let { secret } = first;
  return {
    current: () => secret,
    problem: () => problem,
    look: async () => {
      const found = await read(place.path);
      const before = { secret, problem };
      problem = 'problem' in found ? named(found.problem) : null;
      if ('secret' in found) secret = found.secret;
      return secret !== before.secret || problem !== before.problem;
    },
  };
}

async function read(path: string): Promise<{ secret: string } | { problem: string }> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'cannot be read';
    return { problem: READ_ERRORS[code] ?? code };
  }
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '') return { problem: 'is empty' };
  if (secret.length > MAX_LENGTH) return { problem: `holds more than ${MAX_LENGTH} characters` };
  // Half of a header's value, or another header, would be sent.
  if (/\p{Cc}/u.test(secret)) return { problem: 'holds more than one line, or control characters' };
  return { secret };
}

const READ_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
};
