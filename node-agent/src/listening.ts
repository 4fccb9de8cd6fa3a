import { access, lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { type Listen, showListen } from '@telemcp/shared/listen';
import type { FastifyInstance } from 'fastify';

/** Why the program cannot start, in words for the operator: not a bug, so no stack is shown. */
export class StartError extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'StartError';
  }
}

const WORDS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the address is in use. Stop what listens there, or choose another in TELEMCP_AGENT_LISTEN',
  EADDRNOTAVAIL: 'this machine has no such address; correct TELEMCP_AGENT_LISTEN',
  EACCES: 'permission denied. Choose a port above 1023, or a directory this user may write to, in TELEMCP_AGENT_LISTEN',
  ENOENT: 'no such directory. Create it, or correct TELEMCP_AGENT_LISTEN',
};

/**
 * Starts listening and returns the address as a person would write it. A unix socket gets mode 0660; one that a dead process
 * left behind is removed, one that answers never.
 * @throws {StartError}
 */
export async function startListening(
  app: FastifyInstance,
  listen: Listen,
  scheme: 'http' | 'https' = 'http',
): Promise<string> {
  try {
    if ('path' in listen) {
      // Asked first, because binding in a directory that does not exist fails with EACCES in libuv.
      await access(dirname(listen.path));
      await removeStaleSocket(listen.path);
      // The process makes no other file; setting the mode afterwards would leave a moment in which anyone may connect.
      process.umask(0o117);
      await app.listen({ path: listen.path });
      return showListen(listen);
    }
    // By this name fastify would open a second server, to which neither limits nor new TLS files would apply.
    await app.listen(listen.host === 'localhost' ? { ...listen, host: '127.0.0.1' } : listen);
    const bound = app.server.address();
    const port = bound !== null && typeof bound === 'object' ? bound.port : listen.port;
    return showListen({ host: listen.host, port }, scheme);
  } catch (error) {
    const words = WORDS[codeOf(error)];
    if (words === undefined) throw error;
    throw new StartError(`cannot listen on ${showListen(listen, scheme)}: ${words}.`, { cause: error });
  }
}

async function removeStaleSocket(path: string): Promise<void> {
  const stats = await lstat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  });
  if (stats === null) return;
  if (!stats.isSocket())
    throw new StartError(`cannot listen on unix:${path}: there is a file of that name which is not a socket.`);
  if (await isDead(path)) await unlink(path);
}

/** True only when it is certain that nobody listens: unix(7) says ECONNREFUSED then. */
function isDead(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', (error) => resolve(codeOf(error) === 'ECONNREFUSED'));
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
