import type { NextCall } from '../answer.ts';
import { aside } from '../promql/aside.ts';
import type { Loki, LokiWindow } from '../upstreams/loki.ts';
import { rolesOf } from './label-roles.ts';
import { exactly } from './query-outline.ts';

const PATIENCE_MS = 3000;
/** Units that say most of a node, where there is a choice. */
const UNITS = ['kubelet.service', 'k3s.service', 'containerd.service', 'ssh.service', 'sshd.service'];

/** Queries of a unit on a node and of a pod in its namespace, of labels and values that exist together. */
export async function exampleQueries(
  loki: Loki,
  valuesOf: ReadonlyMap<string, readonly string[] | null>,
  window: LokiWindow,
  signal: AbortSignal,
): Promise<NextCall[]> {
  const roles = rolesOf([...valuesOf.keys()]);
  const pairs = [
    { labels: roles.unit, narrower: roles.node, preferred: UNITS },
    { labels: roles.namespace, narrower: [...roles.pod, ...roles.app], preferred: [] },
  ];
  const found = await Promise.all(
    pairs.map(async ({ labels: [label], narrower, preferred }) => {
      const values = valuesOf.get(label ?? '') ?? [];
      const value = preferred.find((name) => values.includes(name)) ?? values[0];
      if (label === undefined || value === undefined) return null;
      const matcher = exactly(label, value);
      const streams = await aside(PATIENCE_MS, signal, (within) => loki.series(`{${matcher}}`, window, within));
      const more = narrower.flatMap((name) => {
        const example = streams?.flatMap((each) => each[name] ?? []).sort()[0];
        return example === undefined ? [] : [exactly(name, example)];
      });
      return `{${[matcher, ...more.slice(0, 1)].join(', ')}}`;
    }),
  );
  return found.flatMap((logql) => (logql === null ? [] : [{ tool: 'loki.query', arguments: { logql } }]));
}
