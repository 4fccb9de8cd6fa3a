import type { FirewalldConfiguration, FirewalldZone } from '@telemcp/shared/facts/firewall';
import type { SystemBus } from '../dbus/bus.ts';
import { FactError } from '../fact-error.ts';
import type { HostReader } from '../host-reader.ts';
import { plainText } from '../plain-text.ts';
import type { Policy } from './policies.ts';
import { parseAssignments } from './shell-assignments.ts';

/** Zones of the host, which Debian and Fedora let only root see, and those that firewalld brings. */
export const FIREWALLD_PATHS = ['/etc/firewalld', '/usr/lib/firewalld/zones'] as const;
export const FIREWALLD_BUS_NAME = 'org.fedoraproject.FirewallD1';

const ZONES_MAX = 20;
const NAMES_MAX = 100;
const ZONE_BYTES = 256 * 1024;
/** firewalld's own default where its file does not say, firewalld.conf(5). */
const FALLBACK_ZONE = 'public';

/**
 * Null where firewalld is not configured.
 * @param runningZone the default zone as firewalld itself says, null where it was not asked
 */
export async function readFirewalld(
  files: HostReader,
  runningZone: string | null,
): Promise<FirewalldConfiguration | null> {
  const text = await files.text('/etc/firewalld/firewalld.conf');
  const isHidden = files.missing.some(({ what }) => what.startsWith('/etc/firewalld'));
  if (text === null && !isHidden && runningZone === null) return null;
  const settings = parseAssignments(text ?? '');
  const defaultZone = runningZone ?? (text === null ? null : (settings.get('DefaultZone') ?? FALLBACK_ZONE));
  const backend = settings.get('FirewallBackend') ?? null;
  // Without the host's own zones it cannot be told whether one of them takes the place of the default.
  if (text === null) return { defaultZone, backend, zones: null };
  return { defaultZone, backend, zones: await readZones(files, defaultZone ?? FALLBACK_ZONE) };
}

async function readZones(files: HostReader, defaultZone: string): Promise<FirewalldZone[]> {
  const entries = (await files.names('/etc/firewalld/zones')) ?? [];
  const own = entries.filter((entry) => entry.endsWith('.xml')).map((entry) => entry.slice(0, -'.xml'.length));
  const names = [...new Set([defaultZone, ...own])].filter((name) => /^[\p{L}\p{N}_-]{1,64}$/u.test(name));
  const zones = await Promise.all(
    names.slice(0, ZONES_MAX).map(async (name) => {
      const directory = own.includes(name) ? '/etc/firewalld/zones' : '/usr/lib/firewalld/zones';
      const xml = await files.text(`${directory}/${name}.xml`, ZONE_BYTES);
      return xml === null ? null : parseZone(name, xml);
    }),
  );
  return zones.filter((zone) => zone !== null);
}

/**
 * A zone file, by its tags: services, ports, interfaces and sources of the zone itself, rich rules counted. Not an XML parser:
 * firewalld writes these files, one element to a line, without namespaces or entities of its own.
 */
export function parseZone(name: string, xml: string): FirewalldZone {
  const zone: FirewalldZone = {
    name: plainText(name),
    target: 'default',
    services: [],
    ports: [],
    interfaces: [],
    sources: [],
    richRules: 0,
  };
  let isInRule = false;
  for (const [tag, body] of tagsOf(xml)) {
    const attribute = (key: string) => attributeOf(body, key);
    if (tag === 'zone') zone.target = attribute('target') ?? 'default';
    else if (tag === 'rule') {
      isInRule = !body.endsWith('/');
      zone.richRules += 1;
    } else if (tag === '/rule') isInRule = false;
    else if (isInRule) continue;
    else if (tag === 'service') add(zone.services, attribute('name'));
    else if (tag === 'port') add(zone.ports, joined(attribute('port'), attribute('protocol')));
    else if (tag === 'interface') add(zone.interfaces, attribute('name'));
    else if (tag === 'source') add(zone.sources, attribute('address') ?? attribute('ipset') ?? attribute('mac'));
  }
  return zone;
}

/** Name and the rest of every tag, comments and declarations left out. */
function* tagsOf(xml: string): Generator<[string, string]> {
  let at = 0;
  for (;;) {
    const open = xml.indexOf('<', at);
    if (open === -1) return;
    const isComment = xml.startsWith('<!--', open);
    const close = xml.indexOf(isComment ? '-->' : '>', open);
    if (close === -1) return;
    at = close + 1;
    const inner = xml.slice(open + 1, Math.min(close, open + 2048));
    const [tag] = /^\/?[a-z-]+/.exec(inner) ?? [];
    if (tag !== undefined) yield [tag, inner.slice(tag.length)];
  }
}

function attributeOf(body: string, key: string): string | null {
  const at = body.search(new RegExp(`\\s${key}=["']`));
  if (at === -1) return null;
  const start = body.indexOf('=', at) + 2;
  const end = body.indexOf(body[start - 1] ?? '"', start);
  return end === -1 ? null : plainText(body.slice(start, end)) || null;
}

function joined(port: string | null, protocol: string | null): string | null {
  return port === null || protocol === null ? null : `${port}/${protocol}`;
}

function add(list: string[], value: string | null): void {
  if (value !== null && list.length < NAMES_MAX) list.push(value);
}

/** What a zone does with packets that nothing in it decides on; `default` rejects (firewalld.zone(5)). */
export function zonePolicy(zone: FirewalldZone | undefined): Policy {
  switch (zone?.target) {
    case 'ACCEPT':
      return 'accept';
    case 'DROP':
      return 'drop';
    case 'default':
    case '%%REJECT%%':
      return 'reject';
    default:
      return null;
  }
}

/**
 * The default zone, by asking firewalld if it runs; any user may, unless the host's polkit rules say otherwise.
 * @throws {FactError} as `SystemBus` says, `parse_error`
 */
export async function askDefaultZone(bus: SystemBus, signal: AbortSignal): Promise<string> {
  const call = {
    destination: FIREWALLD_BUS_NAME,
    path: '/org/fedoraproject/FirewallD1',
    interface: FIREWALLD_BUS_NAME,
    member: 'getDefaultZone',
    autoStart: false,
  };
  const [zone] = await bus.call(call, signal);
  const name = typeof zone === 'string' ? plainText(zone) : '';
  if (name === '') throw new FactError('parse_error', 'firewalld: getDefaultZone gave no name');
  return name;
}
