import { hostHeaderValidation, originValidation } from '@modelcontextprotocol/fastify';
import { createMcpHandler, type McpServerFactory } from '@modelcontextprotocol/server';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Readiness } from './readiness.ts';

interface BridgeHttpOptions {
  factory: McpServerFactory;
  /** Host names that the `Host` and `Origin` headers may carry. */
  allowedHosts: readonly string[];
  allowedOrigins: readonly string[];
  /** Body of `GET /mcp/schema`. */
  schema(): Promise<unknown>;
  readiness: Readiness;
  version: string;
  onError(error: Error): void;
}

const ALLOWED: ReadonlyMap<string, string> = new Map([
  ['/mcp', 'POST, GET, DELETE'],
  ['/mcp/schema', 'GET, HEAD'],
  ['/healthz', 'GET, HEAD'],
  ['/readyz', 'GET, HEAD'],
]);
const MAX_BODY_BYTES = 256 * 1024;
const MAX_BATCH = 20;

/**
 * The bridge over HTTP: MCP at `/mcp` for clients of both protocol eras, `/mcp/schema` for readers without MCP, `/healthz`,
 * `/readyz`. `Host` and `Origin` are checked on every route against DNS rebinding.
 */
export function createBridgeHttp(options: BridgeHttpOptions): FastifyInstance {
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: 'idle',
    requestTimeout: 30_000,
    logger: false,
    frameworkErrors: (_error, _request, reply) => {
      reply.hijack();
      reply.raw.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"the URL cannot be read"}');
    },
  });
  const mcp = createMcpHandler(options.factory, { onerror: options.onError });

  app.addHook('onRequest', hostHeaderValidation([...options.allowedHosts]));
  app.addHook('onRequest', originValidation([...options.allowedOrigins]));
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
  });
  // An open subscription stream would otherwise keep the server from closing.
  app.addHook('preClose', () => mcp.close());

  app.route({
    method: ['POST', 'GET', 'DELETE'],
    url: '/mcp',
    handler: async (request, reply) => {
      if (Array.isArray(request.body) && request.body.length > MAX_BATCH) {
        return rpcError(reply, 413, -32_600, `a batch of ${request.body.length} requests; ${MAX_BATCH} are the most`);
      }
      return mcp.fetch(webRequest(request, reply), { parsedBody: request.body });
    },
  });
  app.get('/mcp/schema', () => options.schema());
  app.get('/healthz', async () => ({ status: 'ok', version: options.version }));
  app.get('/readyz', async () => ({
    status: 'ok',
    version: options.version,
    upstreams: await options.readiness.look(),
  }));

  app.setNotFoundHandler(async (request, reply) => {
    const allowed = ALLOWED.get(request.url.split('?', 1)[0] ?? '');
    if (allowed === undefined) {
      reply.code(404);
      return { error: `nothing here; there are ${[...ALLOWED.keys()].join(', ')}` };
    }
    reply.code(405).header('allow', allowed);
    return { error: `${request.method} is not allowed here; ${allowed} are` };
  });
  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) options.onError(error);
    if (!request.url.startsWith('/mcp'))
      return reply.code(status).send({ error: status >= 500 ? 'internal error' : error.message });
    const code =
      error.code === 'FST_ERR_CTP_INVALID_JSON_BODY' || error.code === 'FST_ERR_CTP_EMPTY_JSON_BODY'
        ? -32_700
        : -32_600;
    return rpcError(
      reply,
      status,
      status >= 500 ? -32_603 : code,
      status >= 500 ? 'internal error' : rpcMessage(error),
    );
  });
  return app;
}

/** The request as the SDK takes it; the body goes beside it, parsed. Its signal aborts when the client is gone. */
function webRequest(request: FastifyRequest, reply: FastifyReply): Request {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return new Request(`http://${request.headers.host ?? 'localhost'}${request.url}`, {
    method: request.method,
    headers,
    signal: gone.signal,
  });
}

function rpcMessage(error: FastifyError): string {
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return `the request body is over ${MAX_BODY_BYTES} bytes`;
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return 'the content type must be application/json';
  return error.code === 'FST_ERR_CTP_INVALID_JSON_BODY'
    ? 'the request body is not valid JSON, or holds the key __proto__'
    : error.message;
}

function rpcError(reply: FastifyReply, status: number, code: number, message: string) {
  return reply.code(status).send({ jsonrpc: '2.0', id: null, error: { code, message } });
}
