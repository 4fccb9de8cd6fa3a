import { listNames } from '../brief-text.ts';
import type { AlertInstance, PlacedRule } from './alert-instance.ts';
import { severityRank } from './severity.ts';

/** Fires all the time to show that alerting works; its silence is the alarm. */
const HEARTBEAT = /^(watchdog|dead_?man'?s?_?(switch|snitch)|heartbeat)$/i;
/** Fires beside others so that Alertmanager can inhibit them (kube-prometheus). */
const INHIBITOR = /^infoinhibitor$/i;
const ALWAYS = /^\s*vector\(\s*1\s*\)\s*$/;

/** Takes out what fires by design, and says what its firing or not firing means. `rules` is null where they are not known. */
export function separateHeartbeats(
  alerts: readonly AlertInstance[],
  rules: readonly PlacedRule[] | null,
): { alerts: readonly AlertInstance[]; alarms: readonly string[]; notCounted: readonly string[] } {
  const [heartbeats, others] = [true, false].map((wanted) => alerts.filter((alert) => isByDesign(alert) === wanted));
  const silent = (rules ?? []).filter((rule) => isHeartbeat(rule.name, rule) && rule.state !== 'firing');
  const lost = (heartbeats ?? []).filter(({ name, rule, isUndelivered }) => isUndelivered && isHeartbeat(name, rule));
  const fired = (heartbeats ?? []).filter((alert) => alert.state === 'firing' && !lost.includes(alert));
  return {
    alerts: others ?? [],
    alarms: [
      ...(silent.length === 0
        ? []
        : [
            `${named(silent)} should always fire and does not: rules are not evaluated, other alerts may be missing too`,
          ]),
      ...(lost.length === 0
        ? []
        : [
            `${named(lost)} fires in Prometheus, and Alertmanager does not have it: alerts may not be delivered at all`,
          ]),
    ],
    notCounted: fired.length === 0 ? [] : [`not counted, fires by design: ${named(fired)}`],
  };
}

function isByDesign({ name, rule }: AlertInstance): boolean {
  return INHIBITOR.test(name) || isHeartbeat(name, rule);
}

/** By its name, or because it cannot but fire and says of itself that it is nothing bad. */
function isHeartbeat(name: string, rule: PlacedRule | null): boolean {
  if (HEARTBEAT.test(name)) return true;
  const severity = rule?.labels.severity ?? null;
  return rule !== null && ALWAYS.test(rule.expr) && severityRank(severity) >= severityRank('none');
}

function named(all: readonly { name: string }[]): string {
  return listNames([...new Set(all.map(({ name }) => name))].sort(), 3);
}
