import type { Socket } from 'node:net';
import type { AgentAnswer, Envelope } from '@telemcp/shared/envelope';
import { FAMILY_NAMES } from '@telemcp/shared/family-names';
import { isLoopback, type Listen } from '@telemcp/shared/listen';
import { PackagesQuery, UnitName, UnitsQuery, withUnitType } from '@telemcp/shared/routes';
import { optionsOf, type TlsMaterial } from '@telemcp/shared/tls-files';
import fastify, { type FastifyHttpOptions, type FastifyInstance, type RawServerDefault } from 'fastify';
import * as z from 'zod';
import type { BugLog } from './bug-log.ts';
import type { SystemBus } from './dbus/bus.ts';
import { entityTagOf, isAlreadyKnown } from './entity-tag.ts';
import { METRIC_FAMILIES } from './fact-metrics.ts';
import type { FactStore } from './fact-store.ts';
import { answerClientError, internalError, parseArguments, printable, RequestError } from './http-errors.ts';
import type { AgentMetrics } from './metrics.ts';
import type { PackageStore } from './package-store.ts';
import { createRecentFacts } from './recent-facts.ts';
import { FactsQuery, FamilyParameter, PATHS, type Readiness } from './routes.ts';
import { createSteadyLevels } from './steady-levels.ts';
import { summaryOf } from './summary.ts';
import type { UnitStore } from './unit-store.ts';
import { boundUnsentAnswers } from './unsent-answers.ts';

/** What the server answers from. It reads nothing of the host itself. */
export interface ServerParts {
  node: string;
  version: string;
  /** Where it will listen: on loopback the Host header is checked. */
  listen: Listen;
  store: FactStore;
  units: UnitStore;
  packages: PackageStore;
  bus: Pick<SystemBus, 'state'>;
  metrics: AgentMetrics;
  bugLog: BugLog;
  /** Serves HTTPS; with an authority in it, only to clients with a certificate of that. */
  tls?: TlsMaterial | null;
}

const HEADERS = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' } as const;
const NoArguments = z.strictObject({});

/** Connections at once, far more than bridges and scrapers hold: each costs memory, also one that never says anything. */
const MAX_CONNECTIONS = 256;
/** Requests that one connection may have without their answers being read: clients send one at a time, or a few ahead. */
const MAX_UNREAD_ANSWERS = 32;
/** Bytes of answers that all clients together may not have taken yet: three of the largest, hundreds of usual ones. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;
/** The routes whose answers may be large; the others answer also when clients have too many of these to take. */
const LARGE = [PATHS.facts, PATHS.family, PATHS.units, PATHS.packages] as const;
/** How long a TLS handshake may take, milliseconds; Node's own 120 s would let silent connections fill all places. */
const HANDSHAKE_MS = 10_000;

/** The agent's HTTP interface: GET and HEAD only, no body is ever read, every error an `ErrorAnswer`. */
export function createServer(parts: ServerParts): FastifyInstance {
  const { store, units, packages, metrics } = parts;
  const app = fastify({
    ...serverOptions(parts.tls ?? null),
    bodyLimit: 1024,
    requestTimeout: 10_000,
    // Longer than the bridge's interval between two polls, so that it keeps one connection.
    keepAliveTimeout: 75_000,
    trustProxy: false,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    clientErrorHandler: answerClientError,
    // Long enough for a name of 255 characters that are all percent-encoded: too long a name is told so, not "no such route".
    routerOptions: { maxParamLength: 1024 },
    // Fastify's own words for a malformed path, which would repeat the path.
    frameworkErrors: (_error, request, reply) => {
      metrics.countRequest('unmatched', 400);
      const answer = new RequestError(400, `not a valid path: ${printable(request.raw.url ?? '')}`).answer();
      reply.raw.writeHead(400, { ...HEADERS, 'content-type': 'application/json; charset=utf-8' });
      reply.raw.end(JSON.stringify(answer));
    },
  });

  app.server.maxConnections = MAX_CONNECTIONS;
  const unread = new WeakMap<Socket, number>();
  // Not a hook: those are not run for a malformed path, which is answered, too.
  app.server.on('request', ({ socket }, response) => {
    const waiting = (unread.get(socket) ?? 0) + 1;
    unread.set(socket, waiting);
    response.once('finish', () => unread.set(socket, (unread.get(socket) ?? 1) - 1));
    // Answers that nobody reads are held in memory, a gigabyte of them within seconds.
    if (waiting > MAX_UNREAD_ANSWERS) socket.destroy();
  });

  app.addHook('onRequest', async (request, reply) => {
    // What came in one piece with the request that ended the connection.
    if (request.raw.socket.destroyed) {
      reply.hijack();
      return;
    }
    reply.headers(HEADERS);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      reply.header('allow', 'GET, HEAD');
      throw new RequestError(405, 'the agent is read-only: GET and HEAD are all it answers');
    }
    const { host } = request.headers;
    if (host === undefined && request.raw.httpVersion === '1.1')
      throw new RequestError(400, 'HTTP/1.1 requires a Host header', 'host');
    if (host !== undefined && !('path' in parts.listen) && isLoopback(parts.listen)) checkHost(host, parts.node);
  });
  boundUnsentAnswers(app, LARGE, MAX_UNSENT_BYTES);
  app.addHook('onResponse', async (request, reply) => {
    metrics.countRequest(request.routeOptions.url ?? 'unmatched', reply.statusCode);
  });

  app.setNotFoundHandler((request) => {
    const [path = ''] = request.url.split('?');
    throw new RequestError(404, `no such route: ${printable(path)}; there are ${Object.values(PATHS).join(', ')}`);
  });
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof RequestError) return reply.code(error.status).send(error.answer());
    const bugId = parts.bugLog(`${request.method} ${request.routeOptions.url ?? 'unmatched'}`, error);
    return reply.code(500).send(internalError(bugId));
  });

  const speaking = (): AgentAnswer => ({
    node: parts.node,
    agentVersion: parts.version,
    answeredAt: new Date().toISOString(),
  });

  const recentFacts = createRecentFacts(store);
  const steady = createSteadyLevels();

  app.get(PATHS.summary, async (request, reply) => {
    parseArguments(NoArguments, request.query);
    const families = await recentFacts(store.families);
    const { answeredAt, ...speaker } = speaking();
    const now = Date.parse(answeredAt);
    const body = JSON.stringify(summaryOf(speaker, families, now, steady));
    const etag = entityTagOf(body);
    const oldest = Math.min(
      now,
      ...Object.values(families).map((envelope) => Date.parse(envelope?.collectedAt ?? answeredAt)),
    );
    // May be kept, but is to be asked about each time.
    reply.headers({ etag, 'cache-control': 'no-cache' });
    reply.headers({ 'x-telemcp-answered-at': answeredAt, 'x-telemcp-age-seconds': (now - oldest) / 1000 });
    if (isAlreadyKnown(request.headers['if-none-match'], etag)) return reply.code(304).send();
    return reply.type('application/json; charset=utf-8').send(body);
  });

  app.get(PATHS.facts, async (request) => {
    const { families = store.families } = parseArguments(FactsQuery, request.query);
    const collected = await store.getAll(families);
    return { ...speaking(), families: collected };
  });

  app.get<{ Params: { family: string } }>(PATHS.family, async (request) => {
    parseArguments(NoArguments, request.query);
    const family = FamilyParameter.safeParse(request.params.family);
    if (!family.success) {
      const advice = `there are ${FAMILY_NAMES.join(', ')}`;
      throw new RequestError(404, `no such family: ${printable(request.params.family)}; ${advice}`, 'family');
    }
    const envelope = await store.get(family.data);
    return { ...speaking(), family: family.data, ...envelope };
  });

  /** Of units and packages: where their family is switched off or delegated, these routes say nothing either. */
  const unlessDisabled = async <T>(family: 'systemd' | 'packages', look: () => Promise<Envelope<T>>) => {
    const envelope = store.refusal(family) ?? (await look());
    return { ...speaking(), ...envelope };
  };

  app.get(PATHS.units, async (request) => {
    const query = parseArguments(UnitsQuery, request.query);
    return unlessDisabled('systemd', () => units.list(query));
  });

  app.get<{ Params: { unit: string } }>(PATHS.unit, async (request) => {
    parseArguments(NoArguments, request.query);
    const { unit } = parseArguments(z.object({ unit: UnitName }), request.params);
    return unlessDisabled('systemd', () => units.read(withUnitType(unit)));
  });

  app.get(PATHS.packages, async (request) => {
    const query = parseArguments(PackagesQuery, request.query);
    return unlessDisabled('packages', () => packages.list(query));
  });

  app.get(PATHS.health, async () => ({ ...speaking(), status: 'ok' }));

  app.get(
    PATHS.readiness,
    async (): Promise<Readiness> => ({
      ready: true,
      bus: parts.bus.state().status,
      families: Object.fromEntries(store.states().map(({ family, status }) => [family, status])),
    }),
  );

  let rendering: ReturnType<typeof metrics.render> | null = null;
  const render = async () =>
    metrics.render(await recentFacts(METRIC_FAMILIES.filter((name) => store.families.includes(name))));
  app.get(PATHS.metrics, async (_request, reply) => {
    // Made once for all who ask at the same time: a thousand series are some megabytes while they are put together.
    rendering ??= render().finally(() => {
      rendering = null;
    });
    const { contentType, text } = await rendering;
    return reply.type(contentType).send(text);
  });

  let openApi: string | null = null;
  app.get(PATHS.openapi, async (_request, reply) => {
    // Loaded by whoever asks first: it needs the schema of everything.
    openApi ??= JSON.stringify((await import('./openapi.ts')).createOpenApiDocument(parts.version));
    return reply.type('application/json; charset=utf-8').send(openApi);
  });

  return app;
}

/** Plain HTTP, or HTTPS. */
function serverOptions(tls: TlsMaterial | null): Pick<FastifyHttpOptions<RawServerDefault>, 'http'> {
  // Refused by a hook instead: Node's own refusal has no body.
  const http = { requireHostHeader: false, connectionsCheckingInterval: 5_000 };
  if (tls === null) return { http };
  const mutual = tls.ca === null ? {} : { requestCert: true, rejectUnauthorized: true };
  const https = { ...http, ...optionsOf(tls), ...mutual, handshakeTimeout: HANDSHAKE_MS };
  // A variable, since fastify's types tell the two kinds of server apart, which nothing here does.
  const options: { http?: typeof http } & { https: typeof https } = { https };
  return options;
}

/**
 * Refuses names that are not this machine's own: a web page can make a browser send its requests here by resolving its own
 * name to 127.0.0.1 (DNS rebinding), but it cannot change the Host header.
 */
function checkHost(header: string, node: string): void {
  const name = header.replace(/:\d*$/, '').toLowerCase();
  const isOwn =
    name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name) || name === node.toLowerCase();
  if (!isOwn)
    throw new RequestError(403, `Host ${printable(header)} is not this machine; use localhost or 127.0.0.1`, 'host');
}
