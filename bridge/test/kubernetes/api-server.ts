import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { type Answering, answer, type Denial } from './answering.ts';
import { type Cluster, newCluster } from './cluster.ts';
import { beginningOf, type FaultRule, faultyReply, sendBadly, takeFault } from './faults.ts';
import { SEED_NOW } from './seed-time.ts';
import type { Reply } from './status-answers.ts';
import { sendWatch } from './watches.ts';

export interface ApiServerOptions {
  /** What `Authorization: Bearer …` must say; no check unless given. */
  token?: string;
  /** What RBAC refuses. */
  denied?: readonly Denial[];
  /** Serves metrics.k8s.io. `down`: discovery has it as stale and every request of it is a 503, as without its pods. */
  metrics?: boolean | 'down';
  /** Ages are relative to it; SEED_NOW unless given. */
  now?: Date;
}

/** A request as it came. */
export interface SeenRequest {
  method: string;
  /** With its query. */
  path: string;
  accept: string | undefined;
}

/** A Kubernetes API server on loopback whose objects are in memory. It answers as the recorded one (1.36.2). */
export interface ApiServer {
  /** For example `http://127.0.0.1:41234`. */
  url: string;
  /** All that came, refused ones too. */
  requests: SeenRequest[];
  /** What goes wrong from now on; the first rule that fits counts. */
  faults: FaultRule[];
  /** What RBAC refuses from now on. */
  denied: Denial[];
  /** Pages that go on expire (410): after so many more of them, so many times. Null: never. */
  expire: { afterPages: number; times: number } | null;
  cluster: Cluster;
  close(): Promise<void>;
}

/** Answers that were sent are kept up to this size, so that a benchmark measures the client. */
const KEPT_BYTES = 128 * 1024 * 1024;
/** Larger bodies are compressed for clients that take gzip, as the real server does. */
const GZIP_FROM_BYTES = 128 * 1024;

/** Starts an API server over a cluster on a free port. */
export async function startApiServer(
  cluster: Cluster = newCluster(),
  options: ApiServerOptions = {},
): Promise<ApiServer> {
  const kept = keptReplies();
  const server = createServer((request, response) => handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');

  const apiServer: ApiServer = {
    url: `http://127.0.0.1:${address.port}`,
    requests: [],
    faults: [],
    denied: [...(options.denied ?? [])],
    expire: null,
    cluster,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const { method = 'GET', url: path = '/' } = request;
    apiServer.requests.push({ method, path, accept: request.headers.accept });
    const fault = takeFault(apiServer.faults, path);
    const wrong = fault === null ? null : faultyReply(fault);
    const answered = wrong ?? kept.find(keyOf(request)) ?? answerAnew(request);
    if (fault !== null && wrong === null) {
      if ('watch' in answered) request.socket.destroy();
      else sendBadly(fault, 'log' in answered ? beginningOf(answered.log, fault) : answered, request, response);
    } else if ('status' in answered) send(answered, request, response);
    else if ('watch' in answered) sendWatch(cluster, answered.watch, response);
    else sendLog(answered.log, response);
  }

  function answerAnew(request: IncomingMessage): Answering {
    const answered = answer(
      {
        cluster,
        denied: apiServer.denied,
        token: options.token ?? null,
        metrics: options.metrics ?? false,
        nowMs: (options.now ?? SEED_NOW).getTime(),
        isExpired: () => {
          const { expire } = apiServer;
          if (expire === null || expire.times === 0) return false;
          const isLater = expire.afterPages > 0;
          if (isLater) expire.afterPages -= 1;
          else expire.times -= 1;
          return !isLater;
        },
      },
      request,
    );
    if (!('status' in answered) || answered.status !== 200) return answered;
    const reply = { ...answered, body: Buffer.from(answered.body) };
    kept.keep(keyOf(request), reply);
    return reply;
  }

  /** All that an answer depends on; null for what is not kept: pages may expire, and only GET is answered. */
  function keyOf({ method, url, headers }: IncomingMessage): string | null {
    if (apiServer.expire !== null || method !== 'GET') return null;
    const who = `${headers.authorization} ${JSON.stringify(apiServer.denied)}`;
    return `${cluster.revision} ${who} ${headers.accept} ${url}`;
  }

  return apiServer;
}

function send(reply: Reply, request: IncomingMessage, response: ServerResponse): void {
  const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const plain = Buffer.from(reply.body);
  const isZipped = takesGzip && plain.length > GZIP_FROM_BYTES;
  const body = isZipped ? gzipSync(plain, { level: 1 }) : plain;
  response.writeHead(reply.status, {
    'content-type': reply.contentType,
    'content-length': body.length,
    ...(isZipped ? { 'content-encoding': 'gzip' } : {}),
    ...reply.headers,
  });
  response.end(body);
}

function sendLog(chunks: Iterable<string | Buffer>, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/plain' });
  // A reader that goes away ends the log; there is nobody left to tell.
  pipeline(Readable.from(chunks, { objectMode: true, highWaterMark: 16 }), response).catch(() => undefined);
}

/** The latest replies by what they depend on. */
function keptReplies(): { find(key: string | null): Reply | undefined; keep(key: string | null, reply: Reply): void } {
  const replies = new Map<string, Reply>();
  let bytes = 0;
  return {
    find: (key) => (key === null ? undefined : replies.get(key)),
    keep: (key, reply) => {
      if (key === null) return;
      replies.set(key, reply);
      bytes += reply.body.length;
      for (const [oldest, { body }] of replies) {
        if (bytes <= KEPT_BYTES) return;
        replies.delete(oldest);
        bytes -= body.length;
      }
    },
  };
}
