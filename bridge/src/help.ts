import { settingsHelp } from '@telemcp/shared/settings';
import { BridgeSettings } from './config.ts';

/** What `--help` prints. */
export const HELP = `telemcp-bridge: read-only facts about hosts and clusters for LLM agents, over MCP

Usage
  telemcp-bridge serve                        serve MCP over HTTP at http://127.0.0.1:8090/mcp
  telemcp-bridge stdio                        serve MCP over standard input and output, for one client
  telemcp-bridge ask [tool [name=value …]]    ask a running bridge; without a tool, list what can be asked
  telemcp-bridge doctor                       say which upstreams are reachable and how to mend the rest

Examples
  TELEMCP_AGENT_URLS=http://127.0.0.1:9110 telemcp-bridge serve
  telemcp-bridge ask systemd.status unit=nginx.service
  telemcp-bridge ask promql.query 'expr=sum(up) by (job)' range=1h
  telemcp-bridge ask host.certificates withinDays=30 --json

Options
  --config FILE   YAML file of settings; the environment and flags win over it
  --url URL       with ask: the bridge to ask (default the address it would serve on)
  --json          with ask: the structured form of the answer
  --help, -h      this text
  --version       the version

Settings (flag, environment variable, meaning)
${settingsHelp(BridgeSettings)}`;
