import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Missing } from '@telemcp/shared/envelope';
import { attempt } from '../attempt.ts';
import { FactError, fromErrno } from '../fact-error.ts';
import {
  CHRONY_COMMANDS,
  type ChronyCommand,
  type ChronySource,
  type ChronyTracking,
  encodeRequest,
  parseSource,
  parseSourceCount,
  parseTracking,
  sequenceOf,
} from './chrony-packet.ts';

/** What chronyd says. `sources` holds at most 64; what it did not tell is in `missing`. */
export interface ChronyReport {
  tracking: ChronyTracking;
  sources: ChronySource[];
  missing: Missing[];
}

/** A request is sent twice; a reply to either counts. Both rounds of questions together end within a second. */
const ATTEMPTS = 2;
const ATTEMPT_MS = 240;
const MAX_SOURCES = 64;

/**
 * Asks chronyd over UDP, as `chronyc -h` does from another machine: only what chronyd tells everybody it lets in at all.
 * @throws {FactError} `unreachable`, `timeout`, `permission_denied`, `unsupported`, `parse_error`
 */
export async function askChrony(address: { host: string; port: number }, signal: AbortSignal): Promise<ChronyReport> {
  const client = await connect(address, signal);
  try {
    const [tracking, count] = await Promise.all([
      client.ask(CHRONY_COMMANDS.tracking).then(parseTracking),
      attempt(client.ask(CHRONY_COMMANDS.sourceCount).then(parseSourceCount)),
    ]);
    if (!count.ok) return { tracking, sources: [], missing: [missingSources(count.error)] };
    const asked = Array.from({ length: Math.min(count.value, MAX_SOURCES) }, (_, index) =>
      attempt(client.ask(CHRONY_COMMANDS.sourceData, index).then(parseSource)),
    );
    const answers = await Promise.all(asked);
    const missing: Missing[] = [];
    // A source may have been removed since they were counted: that one is not missing.
    const failed = answers.find((answer) => !answer.ok && answer.error.reason !== 'not_found');
    if (failed !== undefined && !failed.ok) missing.push(missingSources(failed.error));
    if (count.value > MAX_SOURCES) {
      const detail = `${count.value} sources, the first ${MAX_SOURCES} are listed`;
      missing.push({ what: 'chrony sources', reason: 'too_many', detail });
    }
    return { tracking, sources: answers.flatMap((answer) => (answer.ok ? [answer.value] : [])), missing };
  } finally {
    client.close();
  }
}

function missingSources(error: FactError): Missing {
  return { what: 'chrony sources', reason: error.reason, detail: error.message };
}

interface ChronyClient {
  ask(command: ChronyCommand, index?: number): Promise<Buffer>;
  close(): void;
}

/** A connected socket: the kernel then drops packets from anyone else, and reports a closed port instead of silence. */
async function connect({ host, port }: { host: string; port: number }, signal: AbortSignal): Promise<ChronyClient> {
  const what = `chronyd at ${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  const waiting = new Map<number, { resolve: (packet: Buffer) => void; reject: (error: unknown) => void }>();
  const opened = Promise.withResolvers<void>();
  const fail = (error: unknown) => {
    opened.reject(error);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const onAbort = () => fail(new FactError('timeout', `${what}: no answer in time`));
  const close = () => {
    signal.removeEventListener('abort', onAbort);
    onAbort();
    socket.close();
  };

  socket.on('error', (error) => fail(asUnreachable(error, what)));
  socket.on('message', (packet) => {
    const sequence = sequenceOf(packet);
    if (sequence === null) return;
    waiting.get(sequence)?.resolve(packet);
    waiting.delete(sequence);
  });
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const expiry = setTimeout(onAbort, ATTEMPTS * ATTEMPT_MS);
  try {
    // Not as a callback: that would be called with the error, too, when the name does not resolve.
    socket.once('connect', () => opened.resolve());
    socket.connect(port, host);
    await opened.promise;
  } catch (error) {
    close();
    throw error;
  } finally {
    clearTimeout(expiry);
  }

  return {
    close,
    ask: async (command, index) => {
      const sequence = randomInt(2 ** 32);
      const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
      waiting.set(sequence, { resolve, reject });
      const transmit = (round: number) => {
        if (round === ATTEMPTS)
          reject(new FactError('timeout', `${what}: no answer within ${ATTEMPTS * ATTEMPT_MS} ms`));
        else send(socket, encodeRequest(command, sequence, round, index));
      };
      let round = 0;
      const timer = setInterval(() => transmit(++round), ATTEMPT_MS);
      try {
        transmit(round);
        return await promise;
      } finally {
        clearInterval(timer);
        waiting.delete(sequence);
      }
    },
  };
}

/** Failures of sending arrive at the socket's error listener, for all that wait. */
function send(socket: Socket, packet: Buffer): void {
  socket.send(packet, (error) => {
    if (error !== null) socket.emit('error', error);
  });
}

function asUnreachable(error: unknown, what: string): unknown {
  const known = fromErrno(error, what);
  // A host that does not resolve or has no route is as unreachable as a closed port.
  return known instanceof FactError && known.reason === 'read_error'
    ? new FactError('unreachable', known.message, { cause: error })
    : known;
}
