import { hostname } from 'node:os';
import { posix } from 'node:path';
import { FAMILY_NAMES, type FamilyName } from '@telemcp/shared/family-names';
import { isLoopback, Listen, ListenText } from '@telemcp/shared/listen';
import { UnitsQuery } from '@telemcp/shared/routes';
import {
  absolutePath,
  type CommandLineSettings,
  flag,
  listOf,
  loadSettings,
  readSettingsFile,
  SettingsError,
  setting,
} from '@telemcp/shared/settings';
import type { TlsPlaces } from '@telemcp/shared/tls-files';
import * as z from 'zod';
import packageJson from '../package.json' with { type: 'json' };
import type { CollectorSettings } from './collector.ts';
import { ROOT_BUS_ADVICE } from './dbus/absent-bus.ts';
import { DelegateList, type Delegates, delegatesOf } from './delegates.ts';
import { createHostRoot } from './host-root.ts';

/** The agent's own version, as answers and `--version` say it. */
export const VERSION: string = packageJson.version;

const nodeName = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/, 'must be a host name: letters, digits, ".", "_", "-"');

/** What `createSystemBus` accepts; sockaddr_un(7) leaves 107 bytes for the path. */
const busAddress = z
  .string()
  .regex(/^(?:unix:path=)?\/[^\p{Cc}:;,=%]*$/u, 'must be unix:path=/absolute/path, without any of ":;,=%" in the path')
  .refine(
    (value) => Buffer.byteLength(value.replace('unix:path=', '')) <= 107,
    "is longer than a socket's path may be",
  );

const fields = {
  listen: setting(ListenText.default('127.0.0.1:9110'), {
    env: 'TELEMCP_AGENT_LISTEN',
    description: 'Where to answer: host:port, [ipv6]:port or unix:/absolute/path (mode 0660).',
  }),
  hostRoot: setting(absolutePath.default('/'), {
    env: 'TELEMCP_HOST_ROOT',
    description: "Where the host's file system is mounted; /host in a pod.",
  }),
  dbusAddress: setting(busAddress.optional(), {
    env: 'TELEMCP_DBUS_ADDRESS',
    description: "The host's system bus (default unix:path=<host root>/run/dbus/system_bus_socket).",
  }),
  nodeName: setting(nodeName.optional(), {
    env: 'TELEMCP_NODE_NAME',
    description: "This node's name in every answer (default the host's /etc/hostname).",
  }),
  certificatePaths: setting(listOf(z.string().regex(/^\//, 'must be absolute paths or patterns')).optional(), {
    env: 'TELEMCP_CERTIFICATE_PATHS',
    description: 'Files and patterns to search for certificates, with commas between (default the known places).',
  }),
  watchUnits: setting(listOf(UnitsQuery.shape.pattern.unwrap()).optional(), {
    env: 'TELEMCP_WATCH_UNITS',
    description:
      'Units to report, absent ones too, and patterns of loaded ones, with commas between (default the usual services).',
  }),
  chronyAddress: setting(
    ListenText.refine((value) => !value.startsWith('unix:'), 'must be host:port').default('127.0.0.1:323'),
    { env: 'TELEMCP_CHRONY_ADDRESS', description: 'Where chronyd answers monitoring requests (UDP).' },
  ),
  nftChainsFile: setting(absolutePath.optional(), {
    env: 'TELEMCP_NFT_CHAINS_FILE',
    description: 'Where a helper leaves what `nft -j list chains` says (default /run/telemcp/nft-chains.json).',
  }),
  families: setting(listOf(z.enum(FAMILY_NAMES)).optional(), {
    env: 'TELEMCP_AGENT_FAMILIES',
    description: 'Families to collect, with commas between (default all that are not delegated).',
  }),
  delegates: setting(DelegateList.default([]), {
    env: 'TELEMCP_AGENT_DELEGATES',
    description: 'Families to ask other agents on this host for, with commas between: family=unix:/path of a socket.',
  }),
  allowRootBus: setting(flag.default(false), {
    env: 'TELEMCP_AGENT_ALLOW_ROOT_BUS',
    description: 'Use the system bus also as root, who could start and stop units over it.',
  }),
  tlsCertFile: setting(absolutePath.optional(), {
    env: 'TELEMCP_AGENT_TLS_CERT_FILE',
    description: 'Certificate to serve HTTPS with, the chain after it; PEM. Not used on a unix socket.',
  }),
  tlsKeyFile: setting(absolutePath.optional(), {
    env: 'TELEMCP_AGENT_TLS_KEY_FILE',
    description: 'Its key, without a passphrase; PEM.',
  }),
  clientCaFile: setting(absolutePath.optional(), {
    env: 'TELEMCP_AGENT_CLIENT_CA_FILE',
    description:
      'Authorities of the clients let in, on every route: a probe without certificate can only try the port; PEM.',
  }),
  insecure: setting(flag.default(false), {
    env: 'TELEMCP_AGENT_INSECURE',
    description: 'Allow an address that other machines can reach without TLS and client certificates.',
  }),
  logLevel: setting(z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'), {
    env: 'TELEMCP_LOG_LEVEL',
    description: 'How much to log to standard error, as JSON lines.',
  }),
};

const exposure = z.object({ listen: fields.listen, insecure: fields.insecure });
const duties = z.object({ families: fields.families, delegates: fields.delegates });

/** Every setting of the agent, as an operator writes it. */
// Without `when`, zod would leave a check out as soon as any other setting is wrong, and mistakes come one by one.
export const AgentSettings = z
  .object(fields)
  .refine(
    ({ listen, insecure, tlsCertFile, tlsKeyFile, clientCaFile }) => {
      const parsed = Listen.safeParse(listen);
      const isGuarded = tlsCertFile !== undefined && tlsKeyFile !== undefined && clientCaFile !== undefined;
      return insecure || isGuarded || !parsed.success || isLoopback(parsed.data);
    },
    {
      path: ['listen'],
      message:
        'anyone who can reach this address could read this host. Set TELEMCP_AGENT_TLS_CERT_FILE, TELEMCP_AGENT_TLS_KEY_FILE ' +
        'and TELEMCP_AGENT_CLIENT_CA_FILE, or listen on 127.0.0.1 or a unix socket, or set TELEMCP_AGENT_INSECURE=true ' +
        'where the network itself is trusted',
      when: ({ value }) => exposure.safeParse(value).success,
    },
  )
  .refine(({ tlsCertFile, tlsKeyFile }) => (tlsCertFile === undefined) === (tlsKeyFile === undefined), {
    path: ['tlsCertFile'],
    message: 'TELEMCP_AGENT_TLS_CERT_FILE and TELEMCP_AGENT_TLS_KEY_FILE go together',
    when: () => true,
  })
  .refine(({ tlsCertFile, clientCaFile }) => clientCaFile === undefined || tlsCertFile !== undefined, {
    path: ['clientCaFile'],
    message: 'client certificates need TELEMCP_AGENT_TLS_CERT_FILE and TELEMCP_AGENT_TLS_KEY_FILE, too',
    when: () => true,
  })
  .superRefine(
    ({ families = [], delegates }, context) => {
      const both = families.filter((family) => delegatesOf(delegates).has(family));
      const message = `${both.join(', ')} cannot be delegated and be among TELEMCP_AGENT_FAMILIES`;
      if (both.length > 0) context.addIssue({ code: 'custom', path: ['delegates'], message });
    },
    { when: ({ value }) => duties.safeParse(value).success },
  );

/** What the program runs on: the settings with everything derived that was left out. */
export interface AgentConfig {
  listen: Listen;
  hostRoot: string;
  /** Null where the bus is not to be used, since this process is root. */
  dbusAddress: string | null;
  /** Neither collected here nor delegated. */
  disabledFamilies: readonly FamilyName[];
  delegates: Delegates;
  /** Null where plain HTTP is spoken. */
  tls: TlsPlaces | null;
  logLevel: z.infer<typeof AgentSettings>['logLevel'];
  collecting: CollectorSettings;
}

/**
 * Reads file, environment and flags (the later wins) and derives the rest.
 * @throws {SettingsError} with every mistake at once
 */
export async function loadAgentSettings(
  given: CommandLineSettings,
  env = process.env,
  uid = process.geteuid?.(),
): Promise<AgentConfig> {
  const file = await readSettingsFile(given.configPath, async () => (await import('yaml')).default.parse);
  const settings = loadSettings(AgentSettings, { file, env, flags: given.flags });
  const chrony = Listen.parse(settings.chronyAddress);
  const dbusAddress =
    settings.dbusAddress ?? `unix:path=${posix.join(settings.hostRoot, 'run/dbus/system_bus_socket')}`;
  const wrong = busAddress.safeParse(dbusAddress).error?.issues[0]?.message;
  if (wrong !== undefined) throw new SettingsError([`TELEMCP_DBUS_ADDRESS: ${wrong}; by the host root ${dbusAddress}`]);
  const isRootKeptOff = uid === 0 && !settings.allowRootBus;
  if (isRootKeptOff && settings.dbusAddress !== undefined)
    throw new SettingsError([`TELEMCP_DBUS_ADDRESS: not for root. ${ROOT_BUS_ADVICE}`]);
  const delegates = delegatesOf(settings.delegates);
  const collected = settings.families ?? FAMILY_NAMES.filter((family) => !delegates.has(family));
  const listen = Listen.parse(settings.listen);
  return {
    listen,
    hostRoot: settings.hostRoot,
    dbusAddress: isRootKeptOff ? null : dbusAddress,
    disabledFamilies: FAMILY_NAMES.filter((family) => !collected.includes(family) && !delegates.has(family)),
    delegates,
    tls: 'path' in listen ? null : tlsPlaces(settings),
    logLevel: settings.logLevel,
    collecting: {
      nodeName: settings.nodeName ?? (await hostName(settings.hostRoot)),
      certificatePaths: settings.certificatePaths,
      watchUnits: settings.watchUnits,
      chronyAddress: 'port' in chrony ? chrony : { host: '127.0.0.1', port: 323 },
      nftChainsFile: settings.nftChainsFile,
    },
  };
}

function tlsPlaces(settings: z.infer<typeof AgentSettings>): TlsPlaces | null {
  const { tlsCertFile, tlsKeyFile, clientCaFile } = settings;
  if (tlsCertFile === undefined) return null;
  const place = (setting: string, path: string | undefined) => (path === undefined ? null : { setting, path });
  return {
    cert: place('TELEMCP_AGENT_TLS_CERT_FILE', tlsCertFile),
    key: place('TELEMCP_AGENT_TLS_KEY_FILE', tlsKeyFile),
    ca: place('TELEMCP_AGENT_CLIENT_CA_FILE', clientCaFile),
  };
}

/** The host's name by hostname(5); the kernel's, which in a container is the container's own, only where that says nothing. */
async function hostName(hostRoot: string): Promise<string> {
  const text = await createHostRoot(hostRoot, AbortSignal.timeout(1000))
    .readText('/etc/hostname', { maxBytes: 4096 })
    .catch(() => '');
  const line = text.split('\n').find((candidate) => candidate.trim() !== '' && !candidate.startsWith('#'));
  const parsed = nodeName.safeParse(line?.trim());
  return parsed.success ? parsed.data : hostname();
}
