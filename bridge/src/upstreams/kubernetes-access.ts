import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { type Dispatcher, Pool, ProxyAgent } from 'undici';
import { briefText } from '../brief-text.ts';
import { ToolError } from '../errors.ts';

/** Where the address of the API server and the credentials for it come from. */
export type KubernetesSource = { kubeconfigs: readonly string[] } | 'service-account';

/** How the API server is reached, as it is now: tokens, certificates and plugins' answers change while the bridge runs. */
export interface KubernetesAccess {
  address(): Promise<URL>;
  /** Credentials and impersonation. @throws {ToolError} `denied` when a plugin does not give any */
  headers(): Promise<Readonly<Record<string, string>>>;
  /** Connections with the client certificate, the authority and the proxy that hold now. */
  dispatcher(): Promise<Dispatcher>;
  /** Reads everything anew before the next request, since the server refused what we have; not twice within five seconds. */
  renew(): void;
  close(): Promise<void>;
}

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const LOOK_AFTER_MS = 10_000;
const RENEW_AFTER_MS = 5000;

/**
 * As `auto` finds it: `KUBECONFIG`, else the service account of the pod that the bridge runs in, else `~/.kube/config`. Null
 * when there is none of them.
 */
export async function findKubernetes(
  env: Readonly<Record<string, string | undefined>>,
): Promise<KubernetesSource | null> {
  const named = (env.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '');
  if (named.length > 0) return { kubeconfigs: named };
  if (env.KUBERNETES_SERVICE_HOST !== undefined && (await exists(SERVICE_ACCOUNT_TOKEN))) return 'service-account';
  const own = join(env.HOME ?? homedir(), '.kube', 'config');
  return (await exists(own)) ? { kubeconfigs: [own] } : null;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

interface Material {
  headers: Readonly<Record<string, string>>;
  dispatcher: Dispatcher;
  /** Tells whether connections made before can still be used. */
  identity: string;
  lookedAt: number;
}

interface AccessOptions {
  source: KubernetesSource;
  /** Of the kubeconfig; its current one when left out. */
  context?: string | undefined;
  /** The longest a connection may take to stand, milliseconds. */
  timeoutMs: number;
}

/** A list that is read by namespaces in parallel, beside some logs. */
export const CONNECTIONS = 16;

/**
 * Credentials are client-node's: tokens and token files, client certificates, exec plugins (client.authentication.k8s.io),
 * OIDC. Files are looked at again every ten seconds, tokens of a service account every minute.
 */
export function createKubernetesAccess(options: AccessOptions): KubernetesAccess {
  let config: Promise<KubeConfig> | null = null;
  let looking: Promise<Material> | null = null;
  let last: Material | null = null;
  let renewedAt = Number.NEGATIVE_INFINITY;

  const opened = (): Promise<KubeConfig> => {
    config ??= loadConfig(options).catch((error: unknown) => {
      config = null;
      throw error;
    });
    return config;
  };

  async function look(): Promise<Material> {
    const kubeconfig = await opened();
    const { headers, tls } = await credentials(kubeconfig);
    const target = { server: addressOf(kubeconfig), proxy: kubeconfig.getCurrentCluster()?.proxyUrl, tls };
    const identity = createHash('sha256').update(JSON.stringify(target)).digest('hex');
    if (last?.identity === identity) return { ...last, headers, lookedAt: performance.now() };
    // Requests under way end on the old connections.
    last?.dispatcher.close().catch(() => undefined);
    return { headers, dispatcher: connect(target, options.timeoutMs), identity, lookedAt: performance.now() };
  }

  async function current(): Promise<Material> {
    if (last !== null && looking === null && performance.now() - last.lookedAt < LOOK_AFTER_MS) return last;
    looking ??= look().finally(() => {
      looking = null;
    });
    last = await looking;
    return last;
  }

  return {
    address: async () => addressOf(await opened()),
    headers: async () => (await current()).headers,
    dispatcher: async () => (await current()).dispatcher,
    renew: () => {
      if (performance.now() - renewedAt < RENEW_AFTER_MS) return;
      renewedAt = performance.now();
      config = null;
      if (last !== null) last = { ...last, lookedAt: Number.NEGATIVE_INFINITY };
    },
    close: async () => {
      await last?.dispatcher.destroy();
    },
  };
}

async function loadConfig({ source, context }: AccessOptions): Promise<KubeConfig> {
  // The package as a whole is 6 MB of models; only its credentials are wanted, and only where there is a cluster.
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');
  const config = new KubeConfig();
  try {
    if (source === 'service-account') config.loadFromCluster();
    else {
      const [first = '', ...others] = source.kubeconfigs;
      config.loadFromFile(first);
      for (const path of others) {
        const other = new KubeConfig();
        other.loadFromFile(path);
        config.mergeConfig(other, true);
      }
    }
    if (context !== undefined) config.setCurrentContext(context);
  } catch (error) {
    // The parser shows the lines around a mistake, which may be those with the token.
    const [problem = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw unusable(source, problem);
  }
  if (config.getCurrentCluster() === null) {
    const names = config.getContexts().map(({ name }) => name);
    throw unusable(
      source,
      `no cluster for context "${config.getCurrentContext()}"; it has: ${names.join(', ') || 'none'}`,
    );
  }
  if (!URL.canParse(config.getCurrentCluster()?.server ?? ''))
    throw unusable(source, `the server of cluster "${config.getCurrentCluster()?.name}" is not an address`);
  // client-node refuses http unless no certificate is checked; without TLS there is none to check, as with `kubectl proxy`.
  config.clusters = config.clusters.map((cluster) =>
    cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster,
  );
  tellPlugin(config);
  return config;
}

/** Plugins want to know which version of the protocol is spoken, and that nobody can answer a question at a terminal. */
function tellPlugin(config: KubeConfig): void {
  const exec = config.getCurrentUser()?.exec;
  if (exec === undefined || exec === null) return;
  const info = { apiVersion: exec.apiVersion, kind: 'ExecCredential', spec: { interactive: false } };
  exec.env = [...(exec.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }];
}

function unusable(source: KubernetesSource, problem: string): ToolError {
  const from = source === 'service-account' ? 'service account' : `kubeconfig ${source.kubeconfigs.join(delimiter)}`;
  return new ToolError('not_configured', `${from}: ${problem}`, {
    upstream: 'kubernetes',
    hint: 'The operator sets TELEMCP_KUBERNETES and TELEMCP_KUBERNETES_CONTEXT.',
  });
}

function addressOf(config: KubeConfig): URL {
  return new URL(config.getCurrentCluster()?.server ?? 'http://localhost:8080');
}

/** What of `tls.connect` a kubeconfig sets; base64 where it is binary. */
interface TlsMaterial {
  ca?: string;
  cert?: string;
  key?: string;
  passphrase?: string;
  servername?: string;
  rejectUnauthorized?: boolean;
}

async function credentials(config: KubeConfig): Promise<{ headers: Record<string, string>; tls: TlsMaterial }> {
  const headers: Record<string, string> = {};
  const found: Parameters<KubeConfig['applyToHTTPSOptions']>[0] = {};
  try {
    await config.applyToHTTPSOptions(found);
  } catch (error) {
    const plugin = config.getCurrentUser()?.exec?.command;
    const who = plugin === undefined ? 'credentials' : `credential plugin "${plugin}"`;
    // What a plugin answers is a credential, and the parser quotes the beginning of it.
    const problem = error instanceof SyntaxError ? 'answered what is not an ExecCredential in JSON' : String(error);
    throw new ToolError('denied', `${who}: ${briefText(problem.replace(/^Error: /, ''), MAX_REASON)}`, {
      upstream: 'kubernetes',
      hint: 'Run the same with kubectl as the user of the bridge; it uses the same kubeconfig.',
    });
  }
  for (const [name, value] of Object.entries(found.headers ?? {})) headers[name.toLowerCase()] = String(value).trim();
  if (typeof found.auth === 'string') headers.authorization = `Basic ${Buffer.from(found.auth).toString('base64')}`;
  const tls: TlsMaterial = {};
  for (const key of ['ca', 'cert', 'key', 'passphrase', 'servername'] as const) {
    const value = found[key];
    if (typeof value === 'string' || Buffer.isBuffer(value)) tls[key] = value.toString();
  }
  if (found.rejectUnauthorized !== undefined) tls.rejectUnauthorized = found.rejectUnauthorized;
  return { headers, tls };
}

const MAX_REASON = 300;

interface Target {
  server: URL;
  proxy: string | undefined;
  tls: TlsMaterial;
}

function connect({ server, proxy, tls }: Target, timeoutMs: number): Dispatcher {
  const options = { connections: CONNECTIONS, keepAliveTimeout: 30_000 };
  const requestTls = { ...tls, timeout: timeoutMs, keepAlive: true };
  if (proxy === undefined || proxy === '') return new Pool(server.origin, { ...options, connect: requestTls });
  // undici resolves names at the proxy in any case, which is what the h of socks5h asks for.
  return new ProxyAgent({ ...options, uri: proxy.replace(/^socks5h:/, 'socks5:'), requestTls });
}
