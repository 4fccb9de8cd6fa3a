import type { Logger } from 'pino';
import { createBridge } from './bridge.ts';
import type { BridgeConfig } from './config.ts';
import type { UpstreamState } from './readiness.ts';

/** What a bridge can be given, and the setting that gives it. */
const KNOWN = [
  { name: 'kubernetes', variable: 'TELEMCP_KUBERNETES', gives: 'k8s.get, k8s.events, k8s.top and tail.pod_logs' },
  { name: 'prometheus', variable: 'TELEMCP_PROMETHEUS_URL', gives: 'promql.query' },
  { name: 'loki', variable: 'TELEMCP_LOKI_URL', gives: 'loki.query and loki.labels' },
  { name: 'alertmanager', variable: 'TELEMCP_ALERTMANAGER_URL', gives: 'silences and inhibitions in alerts.list' },
  { name: 'agent', variable: 'TELEMCP_AGENT_URLS', gives: 'systemd.status, host.facts and host.certificates' },
];

/** Looks at every upstream with these settings and reports. */
export async function doctor(config: BridgeConfig, log: Logger): Promise<{ text: string; healthy: boolean }> {
  const bridge = createBridge(config, log);
  try {
    return reportUpstreams(await bridge.readiness.look());
  } finally {
    await bridge.close();
  }
}

/** What is reachable and how to mend what is not, as lines for a terminal. Healthy: something is configured and all of it answers. */
export function reportUpstreams(states: readonly UpstreamState[]): { text: string; healthy: boolean } {
  const lines = states.flatMap((state) => [
    `${state.reachable ? 'ok  ' : 'DOWN'} ${state.name} ${state.address}: ${state.detail}`,
    ...(state.hint === null ? [] : [`     ${state.hint}`]),
    ...state.cautions.map((caution) => `     ${caution}`),
  ]);
  const absent = KNOWN.filter(({ name }) => !states.some((state) => state.name.split(' ', 1)[0] === name));
  const without = absent.map(
    ({ name, variable, gives }) => `--   ${name}: not configured; set ${variable} to have ${gives}`,
  );
  return {
    text: [...lines, ...without].join('\n'),
    healthy: states.length > 0 && states.every((state) => state.reachable),
  };
}
