import { X509Certificate } from 'node:crypto';
import { optionsOf, type TlsFiles } from '@telemcp/shared/tls-files';
import { buildConnector } from 'undici';

/** How HTTPS upstreams of one kind are connected to, and what to say when that fails. */
export interface ClientTls {
  connect: buildConnector.connector;
  /** What the operator can do about a certificate, theirs or ours. */
  advice: string;
  /** What may be wrong with our own certificate when we are not let in; null where only the other end can tell. */
  ownProblem(): string | null;
}

interface ClientTlsOptions {
  /** Null: the system's authorities, and no certificate of our own. */
  files: TlsFiles | null;
  /** Names the settings. */
  advice: string;
  /** The longest a connection may take to stand, milliseconds. */
  timeoutMs: number;
  /** Told once of files that changed and cannot be used; the old ones are kept. */
  onProblem(problems: readonly string[]): void;
}

/** New files are in use this long after they were written, for connections made from then on. */
const LOOK_AFTER_MS = 2000;

/** Connections are made with the files as they are then; one object serves any number of upstreams. */
export function createClientTls(options: ClientTlsOptions): ClientTls {
  const { files, advice, timeoutMs } = options;
  const build = () => buildConnector({ timeout: timeoutMs, ...(files === null ? {} : optionsOf(files.current())) });
  let connector = build();
  let lookedAt = performance.now();
  let looking: Promise<void> | null = null;

  async function look(): Promise<void> {
    const found = await files?.look();
    if (found == null) return;
    if ('problems' in found) options.onProblem(found.problems);
    // Anew, so that no session made with the old certificate is resumed.
    else connector = build();
  }

  const fresh = (): Promise<void> => {
    if (looking === null && performance.now() - lookedAt < LOOK_AFTER_MS) return Promise.resolve();
    looking ??= look().finally(() => {
      looking = null;
      lookedAt = performance.now();
    });
    return looking;
  };

  return {
    connect: (target, callback) => {
      fresh()
        .then(() => connector(target, callback))
        .catch((error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null));
    },
    advice,
    ownProblem: () => {
      const cert = files?.current().cert ?? null;
      if (cert === null) return 'we have no client certificate, which it may require';
      const { validToDate } = new X509Certificate(cert);
      return validToDate.getTime() < Date.now() ? `our own certificate expired at ${validToDate.toISOString()}` : null;
    },
  };
}
