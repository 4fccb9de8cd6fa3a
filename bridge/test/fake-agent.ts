import { readFileSync } from 'node:fs';
import { AgentAnswer, type Envelope, envelopeOf, type Reason } from '@telemcp/shared/envelope';
import { CertificateFacts } from '@telemcp/shared/facts/certificates';
import { CpuFacts } from '@telemcp/shared/facts/cpu';
import { DiskFacts } from '@telemcp/shared/facts/disks';
import { FilesystemFacts } from '@telemcp/shared/facts/filesystems';
import { FirewallFacts } from '@telemcp/shared/facts/firewall';
import { MemoryFacts } from '@telemcp/shared/facts/memory';
import { NetworkFacts } from '@telemcp/shared/facts/network';
import { OsFacts } from '@telemcp/shared/facts/os';
import { PackageFacts } from '@telemcp/shared/facts/packages';
import { PortsFacts } from '@telemcp/shared/facts/ports';
import { SystemdFacts, type SystemdUnit } from '@telemcp/shared/facts/systemd';
import { TimeFacts } from '@telemcp/shared/facts/time';
import { type FactsOf, PackageListAnswer, UnitAnswer, UnitListAnswer } from '@telemcp/shared/families';
import { FAMILY_NAMES, type FamilyName } from '@telemcp/shared/family-names';
import { PackagesQuery, ROUTES, UnitsQuery } from '@telemcp/shared/routes';
import fastify, { type FastifyReply } from 'fastify';
import * as z from 'zod';

/**
 * What is wrong with a fake agent. `slow` never answers, `cut` hangs up in mid-answer, `garbage` answers with a web page, `huge`
 * with more than the bridge reads, `error` with HTTP 500, `old` is an agent before this route, `refuse` calls an argument wrong, `forbid`
 * the Host header, `newer` has fields and words that this bridge does not know.
 */
export type AgentFault = 'slow' | 'cut' | 'garbage' | 'huge' | 'error' | 'old' | 'refuse' | 'forbid' | 'newer';

/** How one fake agent differs from the golden payloads in shared/fixtures. */
export interface FakeAgentOptions {
  node?: string;
  fault?: AgentFault;
  /** What it says of a unit; default: as in the payloads, `not-found` when it is in none of them. */
  unit?: (name: string, known: SystemdUnit) => SystemdUnit;
  /** All units it lists, filtered by the question's pattern. */
  units?: UnitListAnswer['data'];
  /** All packages it lists, filtered by the question's pattern. */
  packages?: PackageListAnswer['data'];
  facts?: { [F in FamilyName]?: (golden: FactsOf<F>) => FactsOf<F> };
  /** Replaces the envelope of every answer. */
  envelope?: Partial<Envelope<never>>;
  agentVersion?: string;
  /** The agent's clock minus that of the payloads, seconds. */
  clockAheadSeconds?: number;
}

/** A real HTTP server on loopback that answers as a node agent does. */
export interface FakeAgent {
  url: URL;
  /** Paths asked for, with their query. */
  requests: string[];
  /** May be changed while it runs. */
  options: FakeAgentOptions;
  close(): Promise<void>;
}

/** When the golden payloads were sent. */
export const GOLDEN_NOW = new Date('2026-11-22T13:02:11Z');

/** The golden payloads, checked against their schemas. */
export const golden = {
  systemd: AgentAnswer.extend(envelopeOf(SystemdFacts).shape).parse(read('systemd')),
  certificates: AgentAnswer.extend(envelopeOf(CertificateFacts).shape).parse(read('certificates')),
  time: AgentAnswer.extend(envelopeOf(TimeFacts).shape).parse(read('time')),
  os: AgentAnswer.extend(envelopeOf(OsFacts).shape).parse(read('os')),
  network: AgentAnswer.extend(envelopeOf(NetworkFacts).shape).parse(read('network')),
  ports: AgentAnswer.extend(envelopeOf(PortsFacts).shape).parse(read('ports')),
  cpu: AgentAnswer.extend(envelopeOf(CpuFacts).shape).parse(read('cpu')),
  memory: AgentAnswer.extend(envelopeOf(MemoryFacts).shape).parse(read('memory')),
  filesystems: AgentAnswer.extend(envelopeOf(FilesystemFacts).shape).parse(read('filesystems')),
  disks: AgentAnswer.extend(envelopeOf(DiskFacts).shape).parse(read('disks')),
  packages: AgentAnswer.extend(envelopeOf(PackageFacts).shape).parse(read('packages')),
  packageList: PackageListAnswer.parse(read('package-list')),
  firewall: AgentAnswer.extend(envelopeOf(FirewallFacts).shape).parse(read('firewall')),
  units: UnitListAnswer.parse(read('units')),
  unit: UnitAnswer.parse(read('unit')),
} as const;

/** An envelope that says why nothing could be looked at. */
export function unavailable(reason: Reason, detail: string, hint: string | null = null): Partial<Envelope<never>> {
  return { status: 'unavailable', reason, hint, data: null, missing: [{ what: 'systemd', reason, detail }] };
}

/** The unit as the golden payloads know it, or one that does not exist. */
export function knownUnit(name: string): SystemdUnit {
  const facts = golden.systemd.data;
  const all = [golden.unit.data, ...(facts?.failed ?? []), ...(facts?.watched ?? []), ...(facts?.timers ?? [])];
  const found = [...all, ...(facts?.sockets ?? [])].find((unit) => unit?.name === name);
  const absent = facts?.watched.find((unit) => unit.loadState === 'not-found');
  if (absent === undefined) throw new Error('the golden payload has a unit that does not exist');
  return found ?? { ...absent, name, description: name };
}

/** Starts a fake agent on a free port. */
export async function startFakeAgent(options: FakeAgentOptions = {}): Promise<FakeAgent> {
  const app = fastify({ forceCloseConnections: true, routerOptions: { maxParamLength: 1024 } });
  const requests: string[] = [];
  const agent = { requests, options };

  const send = (reply: FastifyReply, payload: AgentAnswer & Envelope<unknown> & { family?: FamilyName }) => {
    const { node = 'node-0007', fault, envelope, clockAheadSeconds = 0 } = agent.options;
    const answeredAt = new Date(Date.parse(payload.answeredAt) + clockAheadSeconds * 1000).toISOString();
    const body = { ...payload, node, answeredAt, ...envelope };
    if (fault === undefined) return reply.send(body);
    if (fault === 'newer') return reply.send(fromTheFuture(body));
    return fail(reply, fault, JSON.stringify(body));
  };

  app.addHook('onRequest', async (request) => {
    requests.push(request.url);
  });
  app.get<{ Params: { family: string } }>(ROUTES.family, (request, reply) => {
    const family = z.enum(FAMILY_NAMES).parse(request.params.family);
    const data = factsOf(family, agent.options.facts ?? {});
    return send(reply, { ...golden[family], family, total: totalOf(data), data });
  });
  app.get(ROUTES.health, async () => {
    const { node = 'node-0007', agentVersion = golden.unit.agentVersion } = agent.options;
    return { node, agentVersion, answeredAt: golden.unit.answeredAt, status: 'ok' };
  });
  app.get(ROUTES.units, (request, reply) => {
    const { pattern, limit } = UnitsQuery.parse(request.query);
    const matching = (agent.options.units ?? golden.units.data)?.units.filter((unit) => matches(unit.name, pattern));
    const units = matching?.slice(0, limit) ?? [];
    const total = matching?.length ?? 0;
    return send(reply, { ...golden.units, total, truncated: units.length < total, data: { units } });
  });
  app.get(ROUTES.packages, (request, reply) => {
    const { name, limit } = PackagesQuery.parse(request.query);
    const all = (agent.options.packages ?? golden.packageList.data)?.packages ?? [];
    const matching = all.filter((row) => matches(row.name, name));
    const packages = matching.slice(0, limit);
    const total = matching.length;
    return send(reply, { ...golden.packageList, total, truncated: packages.length < total, data: { packages } });
  });
  app.get<{ Params: { unit: string } }>(ROUTES.unit, (request, reply) => {
    const known = knownUnit(request.params.unit);
    return send(reply, { ...golden.unit, data: agent.options.unit?.(request.params.unit, known) ?? known });
  });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return Object.assign(agent, { url: new URL(address), close: () => app.close() });
}

function factsOf(family: FamilyName, changes: NonNullable<FakeAgentOptions['facts']>): unknown {
  const change = <F extends FamilyName>(
    data: FactsOf<F> | null,
    by: ((golden: FactsOf<F>) => FactsOf<F>) | undefined,
  ) => (data === null || by === undefined ? data : by(data));
  switch (family) {
    case 'systemd':
      return change<'systemd'>(golden.systemd.data, changes.systemd);
    case 'certificates':
      return change<'certificates'>(golden.certificates.data, changes.certificates);
    case 'time':
      return change<'time'>(golden.time.data, changes.time);
    case 'os':
      return change<'os'>(golden.os.data, changes.os);
    case 'network':
      return change<'network'>(golden.network.data, changes.network);
    case 'ports':
      return change<'ports'>(golden.ports.data, changes.ports);
    case 'cpu':
      return change<'cpu'>(golden.cpu.data, changes.cpu);
    case 'memory':
      return change<'memory'>(golden.memory.data, changes.memory);
    case 'filesystems':
      return change<'filesystems'>(golden.filesystems.data, changes.filesystems);
    case 'disks':
      return change<'disks'>(golden.disks.data, changes.disks);
    case 'packages':
      return change<'packages'>(golden.packages.data, changes.packages);
    case 'firewall':
      return change<'firewall'>(golden.firewall.data, changes.firewall);
  }
}

const LISTS = ['failed', 'certificates', 'filesystems', 'disks', 'interfaces', 'ports'] as const;

/** What an agent counts, where a family is a list. */
function totalOf(data: unknown): number | null {
  const lists = z.record(z.string(), z.unknown()).parse(data ?? {});
  const list = LISTS.map((name) => lists[name]).find((candidate) => Array.isArray(candidate));
  return Array.isArray(list) ? list.length : null;
}

function fail(reply: FastifyReply, fault: Exclude<AgentFault, 'newer'>, body: string): FastifyReply {
  switch (fault) {
    case 'slow':
      return reply.hijack();
    case 'cut':
      reply.hijack();
      reply.raw.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
      reply.raw.write(body.slice(0, body.length / 2), () => reply.raw.destroy());
      return reply;
    case 'garbage':
      return reply.type('text/html').send('<!doctype html><title>It works!</title>');
    case 'huge':
      return reply.type('application/json').send(`{"node":"${'x'.repeat(9 * 1024 * 1024)}"}`);
    case 'error':
      return reply
        .code(500)
        .send({ error: { code: 'internal_error', message: 'internal error 4f1c', argument: null } });
    case 'refuse':
      return reply
        .code(400)
        .send({ error: { code: 'invalid_argument', message: 'limit: too large', argument: 'limit' } });
    case 'forbid':
      return reply
        .code(403)
        .send({ error: { code: 'invalid_argument', message: 'not a host of mine', argument: null } });
    case 'old':
      return reply.code(404).send({ error: { code: 'not_found', message: 'no such route', argument: null } });
  }
}

/** The same payload as a later version might send it: one more field in every object, reasons nobody has heard of. */
/** Fields for whose values a newer agent has words of its own. */
const NEW_WORDS: ReadonlySet<string> = new Set([
  'reason',
  'init',
  'selinux',
  'synchronizedBy',
  'leapStatus',
  'backend',
]);

function fromTheFuture(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromTheFuture);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]): [string, unknown] =>
    NEW_WORDS.has(name) && inner !== null ? [name, 'quantum_entangled'] : [name, fromTheFuture(inner)],
  );
  const isCounts = entries.length > 0 && entries.every(([, inner]) => typeof inner === 'number');
  return Object.fromEntries(isCounts ? entries : [...entries, ['addedLater', { since: '9.0' }]]);
}

function matches(name: string, pattern = '*'): boolean {
  const source = pattern
    .replace(/[.\\^$+(){}|]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(name);
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../shared/fixtures/${name}.json`, import.meta.url), 'utf8'));
}
