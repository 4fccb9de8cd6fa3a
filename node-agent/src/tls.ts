import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { type TLSSocket, Server as TlsServer } from 'node:tls';
import { expiryOf, optionsOf, type TlsFiles } from '@telemcp/shared/tls-files';

/** What a logger must be able to do here; pino's is one. */
interface Log {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
}

const LOOK_EVERY_MS = 3000;
/** Refused clients come again and again; a line in this time will do. */
const REFUSAL_EVERY_MS = 60_000;

/**
 * Takes new certificates, keys and authorities into use while `serving` runs, within seconds of their being written. A set that
 * is not whole is reported once and the old one kept. Requests under way and connections that stand are not touched; a
 * connection from before the change is closed with its next answer, so that its client has to be let in anew. Returns what
 * ends this.
 */
export function renewTls(serving: Server, files: TlsFiles, log: Log, everyMs = LOOK_EVERY_MS): () => void {
  if (!(serving instanceof TlsServer)) return () => undefined;
  const server = serving;
  let generation = 0;
  const generations = new WeakMap<Socket, number>();
  server.on('secureConnection', (socket: Socket) => generations.set(socket, generation));
  // Before the handler, which may answer at once.
  server.prependListener('request', (request, response) => {
    if (generations.get(request.socket) !== generation) response.setHeader('connection', 'close');
  });
  let refusalLoggedAt = Number.NEGATIVE_INFINITY;
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    const reason = refusalOf(error, socket);
    if (reason === null || performance.now() - refusalLoggedAt < REFUSAL_EVERY_MS) return;
    refusalLoggedAt = performance.now();
    log.warn({ reason, peer: socket.remoteAddress ?? null }, 'a client was refused by TLS');
  });

  async function look(): Promise<void> {
    const found = await files.look();
    if (found === null) return;
    if ('problems' in found) {
      log.warn({ problems: found.problems }, 'the new TLS files cannot be used yet; the old ones are kept');
      return;
    }
    generation += 1;
    server.setSecureContext(optionsOf(found.changed));
    log.info({ validUntil: expiryOf(found.changed.cert) }, 'new TLS files are in use');
  }
  let timer = setTimeout(next, everyMs).unref();
  let ended = false;
  async function next(): Promise<void> {
    try {
      await look();
    } finally {
      if (!ended) timer = setTimeout(next, everyMs).unref();
    }
  }
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

/** Why the handshake failed; null for a client that only connected and went away, as a probe does. */
function refusalOf(error: NodeJS.ErrnoException, socket: TLSSocket): string | null {
  // Node's types say Error; it is OpenSSL's code for what is wrong with the certificate.
  const refused: unknown = socket.authorizationError;
  if (typeof refused === 'string') return refused;
  return error.code?.startsWith('ERR_SSL') === true ? error.code : null;
}
