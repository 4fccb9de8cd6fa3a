import type { Loki, LokiWindow } from '../upstreams/loki.ts';
import type { Labels } from '../upstreams/prometheus-result.ts';
import { type LabelRoles, labelRoles } from './label-roles.ts';
import { nanosecondsOf } from './nanoseconds.ts';
import { exactly } from './query-outline.ts';

const DAY_NS = 86_400_000_000_000n;

/**
 * The selector of a unit's lines in the journal, on one node or on all (`node` null), or of all units of a node (`unit` null), by
 * the labels that streams of the last day really have: collectors name them differently. Null where there is no such stream.
 * @throws {ToolError} what Loki throws
 */
export async function journalSelector(
  loki: Loki,
  { node, unit }: { node: string | null; unit: string | null },
  now: Date,
  signal: AbortSignal,
): Promise<string | null> {
  const end = nanosecondsOf(now);
  const window = { start: end - DAY_NS, end };
  const roles = await labelRoles(loki, now, signal);
  for (const label of roles.unit) {
    const match = unit === null ? `${label}=~".+"` : exactly(label, unit);
    const found = await onNode(loki, { match, node, roles }, window, signal);
    if (found !== null) return found;
  }
  return null;
}

async function onNode(
  loki: Loki,
  { match, node, roles }: { match: string; node: string | null; roles: LabelRoles },
  window: LokiWindow,
  signal: AbortSignal,
): Promise<string | null> {
  const streams = await loki.series(`{${match}}`, window, signal);
  if (streams.length === 0) return null;
  if (node === null) return `{${match}}`;
  for (const label of roles.node) {
    const name = nameOf(node, label, streams);
    if (name !== null) return `{${match}, ${exactly(label, name)}}`;
  }
  return null;
}

/** The node as the label spells it: by its full name, or by the part before the first dot, which must then be one node's only. */
function nameOf(node: string, label: string, streams: readonly Labels[]): string | null {
  const values = [...new Set(streams.flatMap((stream) => stream[label] ?? []))];
  if (values.includes(node)) return node;
  const [alike, ...others] = values.filter((value) => shortName(value) === shortName(node));
  return alike === undefined || others.length > 0 ? null : alike;
}

/** The host's name without its domain or, in `instance`, its port; an address stays whole. */
function shortName(name: string): string {
  const host = name.replace(/:\d+$/, '');
  return /^[\d.]+$/.test(host) ? host : (host.split('.', 1)[0] ?? host);
}
