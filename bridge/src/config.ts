import { randomBytes } from 'node:crypto';
import { access, constants, opendir, readFile } from 'node:fs/promises';
import { isLoopback, Listen, ListenText } from '@telemcp/shared/listen';
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
import { openTlsFiles, type TlsFiles } from '@telemcp/shared/tls-files';
import * as z from 'zod';
import packageJson from '../package.json' with { type: 'json' };
import {
  allOpened,
  openUpstreamSource,
  type UpstreamSource,
  upstreamConflicts,
  upstreamSettings,
} from './upstream-settings.ts';
import { findKubernetes, type KubernetesSource } from './upstreams/kubernetes-access.ts';

/** The bridge's own version, as `--version` and MCP say it. */
export const VERSION: string = packageJson.version;

const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' });
const agentUrl = z
  .string()
  .refine(
    (value) => httpUrl.safeParse(value).success || /^unix:\/./.test(value),
    'must be an http://, https:// or unix:/path URL',
  );
const hostName = z.string().regex(/^(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]+\])$/, 'must be host names without port');
const kindName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9./-]{0,252}$/, 'must be kinds such as configmaps or certificates.cert-manager.io');

const fields = {
  listen: setting(ListenText.default('127.0.0.1:8090'), {
    env: 'TELEMCP_LISTEN',
    description: 'Where to serve MCP: host:port or [ipv6]:port.',
  }),
  kubernetes: setting(
    z
      .union([z.enum(['auto', 'off']), absolutePath], {
        error: 'must be auto, off or the absolute path of a kubeconfig',
      })
      .default('auto'),
    {
      env: 'TELEMCP_KUBERNETES',
      description:
        'The Kubernetes API: auto takes KUBECONFIG, else the service account of the pod, else ~/.kube/config; off asks none; a path is that of a kubeconfig.',
    },
  ),
  kubernetesContext: setting(z.string().min(1).optional(), {
    env: 'TELEMCP_KUBERNETES_CONTEXT',
    description: 'Context of the kubeconfig to use instead of its current one.',
  }),
  deniedKinds: setting(listOf(kindName).default([]), {
    env: 'TELEMCP_DENIED_KINDS',
    description:
      'Kinds of Kubernetes that are never read, with commas between: configmaps, certificates.cert-manager.io. Values of Secrets are never read in any case.',
  }),
  agents: setting(z.enum(['static', 'off']).default('static'), {
    env: 'TELEMCP_AGENTS',
    description: 'How node agents are found: static takes TELEMCP_AGENT_URLS, off asks none.',
  }),
  agentUrls: setting(listOf(agentUrl).default([]), {
    env: 'TELEMCP_AGENT_URLS',
    description: 'Addresses of node agents, with commas between: http://, https://, or unix:/path on this host.',
  }),
  agentCaFile: setting(absolutePath.optional(), {
    env: 'TELEMCP_AGENT_CA_FILE',
    description: "Authorities that https agents' certificates must come from (default the system's); PEM.",
  }),
  agentCertFile: setting(absolutePath.optional(), {
    env: 'TELEMCP_AGENT_CERT_FILE',
    description: 'Certificate to show to https agents, the chain after it; PEM.',
  }),
  agentKeyFile: setting(absolutePath.optional(), {
    env: 'TELEMCP_AGENT_KEY_FILE',
    description: 'Its key, without a passphrase; PEM.',
  }),
  toolNames: setting(z.enum(['underscore', 'dotted']).default('underscore'), {
    env: 'TELEMCP_TOOL_NAMES',
    description:
      'How tools are listed: promql_query, which every client takes, or promql.query. Calls are taken under both.',
  }),
  results: setting(z.enum(['both', 'text', 'structured']).default('both'), {
    env: 'TELEMCP_RESULTS',
    description:
      'Forms of an answer: text for the model, structured for programs. Some clients give a model both to read.',
  }),
  answerBudget: setting(
    z.coerce.number().int().min(1000, 'must be 1000 to 50000').max(50_000, 'must be 1000 to 50000').default(24_000),
    {
      env: 'TELEMCP_ANSWER_BUDGET',
      description: 'Characters of text an answer may have before rows are cut.',
    },
  ),
  deadlineSeconds: setting(z.coerce.number().min(1, 'must be 1 to 300').max(300, 'must be 1 to 300').default(30), {
    env: 'TELEMCP_DEADLINE_SECONDS',
    description: 'The longest a call may take.',
  }),
  allowedHosts: setting(listOf(hostName).default([]), {
    env: 'TELEMCP_ALLOWED_HOSTS',
    description: 'Host names under which clients may reach this bridge, besides localhost on a loopback address.',
  }),
  dashboardsDir: setting(absolutePath.optional(), {
    env: 'TELEMCP_DASHBOARDS_DIR',
    description:
      'Directory with saved queries of your own, name.promql and name.logql; read again when it changes. RESOURCES.md says their form.',
  }),
  cursorKeyFile: setting(absolutePath.optional(), {
    env: 'TELEMCP_CURSOR_KEY_FILE',
    description:
      'File with a secret of 16 bytes or more that all replicas share, so that each takes the cursors of the others.',
  }),
  insecure: setting(flag.default(false), {
    env: 'TELEMCP_INSECURE',
    description: 'Allow an address that other machines can reach, without authentication.',
  }),
  logLevel: setting(z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'), {
    env: 'TELEMCP_LOG_LEVEL',
    description: 'How much to log to standard error, as JSON lines.',
  }),
};

const Fields = z.object(fields);
const exposure = z.object({ listen: fields.listen, insecure: fields.insecure, allowedHosts: fields.allowedHosts });

const QUERY_APIS = ['prometheus', 'loki', 'alertmanager'] as const;
const blocks: Readonly<Record<string, z.ZodType>> = {
  ...upstreamSettings('prometheus'),
  ...upstreamSettings('loki'),
  ...upstreamSettings('alertmanager'),
};

/** Every setting of the bridge, as an operator writes it. */
export const BridgeSettings = z
  .object({ ...blocks, ...fields })
  .superRefine(
    (settings, context) => {
      for (const { key, message } of QUERY_APIS.flatMap((api) => upstreamConflicts(api, settings)))
        context.addIssue({ code: 'custom', path: [key], message });
    },
    { when: () => true },
  )
  .refine(({ agentCertFile, agentKeyFile }) => (agentCertFile === undefined) === (agentKeyFile === undefined), {
    path: ['agentCertFile'],
    message: 'TELEMCP_AGENT_CERT_FILE and TELEMCP_AGENT_KEY_FILE go together',
    when: () => true,
  })
  .refine(
    ({ listen, insecure, allowedHosts }) => {
      const parsed = Listen.safeParse(listen);
      return !parsed.success || isLoopback(parsed.data) || (insecure && allowedHosts.length > 0);
    },
    {
      path: ['listen'],
      message:
        'anyone who can reach this address could ask. Listen on 127.0.0.1, or, where the network itself is trusted, set ' +
        'TELEMCP_INSECURE=true and the names clients use in TELEMCP_ALLOWED_HOSTS',
      // Without this, zod would leave the check out as soon as any other setting is wrong, and mistakes come one by one.
      when: ({ value }) => exposure.safeParse(value).success,
    },
  );

/** What the program runs on. */
export interface BridgeConfig
  extends Omit<
    z.infer<typeof Fields>,
    'listen' | 'kubernetes' | 'cursorKeyFile' | 'agentCaFile' | 'agentCertFile' | 'agentKeyFile'
  > {
  listen: Listen;
  cursorKey: Buffer;
  /** Null without an address, as the two below. */
  prometheus: UpstreamSource | null;
  loki: UpstreamSource | null;
  alertmanager: UpstreamSource | null;
  /** Null when none of its files is set. */
  agentTls: TlsFiles | null;
  /** Null when there is none, or none is to be asked. */
  kubernetes: KubernetesSource | null;
}

/**
 * Reads file, environment and flags (the later wins).
 * @throws {SettingsError} with every mistake at once
 */
export async function loadBridgeConfig(given: CommandLineSettings, env = process.env): Promise<BridgeConfig> {
  const file = await readSettingsFile(given.configPath, async () => (await import('yaml')).default.parse);
  const sources = { file, env, flags: given.flags };
  const settings = loadSettings(BridgeSettings, sources);
  const { cursorKeyFile, kubernetes, listen, agentCaFile, agentCertFile, agentKeyFile, ...rest } =
    Fields.parse(settings);
  const place = (setting: string, path: string | undefined) => (path === undefined ? null : { setting, path });
  const places = {
    ca: place('TELEMCP_AGENT_CA_FILE', agentCaFile),
    cert: place('TELEMCP_AGENT_CERT_FILE', agentCertFile),
    key: place('TELEMCP_AGENT_KEY_FILE', agentKeyFile),
  };
  const [prometheus, loki, alertmanager, agentTls, kubernetesSource, cursorKey] = await allOpened([
    openUpstreamSource('prometheus', settings),
    openUpstreamSource('loki', settings),
    openUpstreamSource('alertmanager', settings),
    Object.values(places).every((each) => each === null) ? null : openTlsFiles(places),
    findKubernetesSource(kubernetes, env),
    cursorKeyFile === undefined ? randomBytes(32) : readKey(cursorKeyFile),
    rest.dashboardsDir === undefined ? null : checkDirectory('TELEMCP_DASHBOARDS_DIR', rest.dashboardsDir),
  ]);
  const opened = { prometheus, loki, alertmanager, agentTls, kubernetes: kubernetesSource, cursorKey };
  return { ...rest, ...opened, listen: Listen.parse(listen) };
}

async function findKubernetesSource(
  where: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<KubernetesSource | null> {
  if (where === 'off') return null;
  if (where === 'auto') return await findKubernetes(env);
  await access(where, constants.R_OK).catch(() => {
    throw new SettingsError([`TELEMCP_KUBERNETES: ${where} cannot be read`]);
  });
  return { kubeconfigs: [where] };
}

async function checkDirectory(setting: string, path: string): Promise<void> {
  const found = await opendir(path).catch(() => null);
  if (found === null) throw new SettingsError([`${setting}: ${path} is no directory that can be read`]);
  await found.close();
}

async function readKey(path: string): Promise<Buffer> {
  const key = await readFile(path).catch(() => null);
  if (key === null) throw new SettingsError([`TELEMCP_CURSOR_KEY_FILE: ${path} cannot be read`]);
  if (key.length < 16)
    throw new SettingsError([`TELEMCP_CURSOR_KEY_FILE: ${path} holds ${key.length} bytes; 16 are the least`]);
  return key;
}
