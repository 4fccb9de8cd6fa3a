import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isLoopback, Listen, ListenText } from '@telemcp/shared/listen';
import {
  flag,
  listOf,
  loadSettings,
  readSettingsFile,
  type SettingSources,
  SettingsError,
  setting,
} from '@telemcp/shared/settings';
import * as z from 'zod';
import packageJson from '../package.json' with { type: 'json' };

/** The bridge's own version, as `--version` and MCP say it. */
export const VERSION: string = packageJson.version;

const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' });
const hostName = z.string().regex(/^(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]+\])$/, 'must be host names without port');

const fields = {
  listen: setting(ListenText.default('127.0.0.1:8090'), {
    env: 'TELEMCP_LISTEN',
    description: 'Where to serve MCP: host:port or [ipv6]:port.',
  }),
  prometheusUrl: setting(httpUrl.optional(), {
    env: 'TELEMCP_PROMETHEUS_URL',
    description: 'Prometheus, or anything with its HTTP API; with a path prefix and user:password where needed.',
    secret: true,
  }),
  agents: setting(z.enum(['static', 'off']).default('static'), {
    env: 'TELEMCP_AGENTS',
    description: 'How node agents are found: static takes TELEMCP_AGENT_URLS, off asks none.',
  }),
  agentUrls: setting(listOf(httpUrl).default([]), {
    env: 'TELEMCP_AGENT_URLS',
    description: 'Addresses of node agents, with commas between.',
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
  cursorKeyFile: setting(z.string().regex(/^\//, 'must be an absolute path').optional(), {
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

const exposure = z.object({ listen: fields.listen, insecure: fields.insecure, allowedHosts: fields.allowedHosts });

/** Every setting of the bridge, as an operator writes it. */
export const BridgeSettings = z.object(fields).refine(
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
export interface BridgeConfig extends Omit<z.infer<typeof BridgeSettings>, 'listen' | 'cursorKeyFile'> {
  listen: Listen;
  cursorKey: Buffer;
}

/** What the command line gave: flags by their kebab-case name, and the path of a YAML file. */
export interface CommandLineSettings {
  flags: SettingSources['flags'];
  configPath: string | undefined;
}

/**
 * Reads file, environment and flags (the later wins).
 * @throws {SettingsError} with every mistake at once
 */
export async function loadBridgeConfig(given: CommandLineSettings, env = process.env): Promise<BridgeConfig> {
  const file = await readSettingsFile(given.configPath, async () => (await import('yaml')).parse);
  const sources = { file, env, flags: given.flags };
  const { cursorKeyFile, listen, ...settings } = loadSettings(BridgeSettings, sources);
  return {
    ...settings,
    listen: Listen.parse(listen),
    cursorKey: cursorKeyFile === undefined ? randomBytes(32) : await readKey(cursorKeyFile),
  };
}

async function readKey(path: string): Promise<Buffer> {
  const key = await readFile(path).catch(() => null);
  if (key === null) throw new SettingsError([`TELEMCP_CURSOR_KEY_FILE: ${path} cannot be read`]);
  if (key.length < 16)
    throw new SettingsError([`TELEMCP_CURSOR_KEY_FILE: ${path} holds ${key.length} bytes; 16 are the least`]);
  return key;
}
