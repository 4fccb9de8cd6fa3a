import { listAt, textAt } from '../../src/kubernetes/json.ts';
import type { Cluster } from './cluster.ts';
import { momentAgo } from './seed-time.ts';
import { BUILT_IN } from './served-resources.ts';

/** Logs of the pods of some workloads, a line about each second; of what crashed, the run before it too. */
export function seedLogs(cluster: Cluster): void {
  const pods = BUILT_IN.find((resource) => resource.kind === 'Pod');
  for (const { body, name: pod, namespace } of pods === undefined ? [] : cluster.all(pods)) {
    const app = textAt(body, 'metadata', 'labels', 'app') ?? '';
    const lines = LOGS[app];
    if (lines === undefined) continue;
    const log = dated(lines);
    for (const status of listAt(body, 'status', 'containerStatuses')) {
      const container = textAt(status, 'name') ?? '';
      if (container !== 'main') continue;
      const of = { namespace, pod, container };
      cluster.setLog(of, log);
      if (textAt(status, 'lastState', 'terminated', 'reason') !== undefined)
        cluster.setLog(of, log, { previous: true });
    }
  }
}

function dated(lines: readonly string[]): string {
  return lines
    .map((line, index) => `${momentAgo(60 + lines.length - index).replace('Z', '.000000000Z')} ${line}\n`)
    .join('');
}

const LOGS: Readonly<Record<string, readonly string[]>> = {
  ledger: [
    'level=info msg="starting ledger" version=1.12.0',
    'level=info msg="connecting to database" url=postgres://ledger:s3cr3t-in-url@postgres.payments:5432/ledger',
    ...Array.from(
      { length: 5 },
      (_, attempt) => `level=warn msg="connection refused, retrying" attempt=${attempt + 1} address=10.244.3.17:5432`,
    ),
    'panic: runtime error: invalid memory address or nil pointer dereference',
    '[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x6b2f4a]',
    '',
    'goroutine 1 [running]:',
    'main.(*Store).Ping(0x0, {0x7f2a10, 0xc0000180a8})',
    '\t/src/store.go:41 +0x2a',
    'main.main()',
    '\t/src/main.go:27 +0x1d4',
  ],
  checkout: [
    ...Array.from(
      { length: 40 },
      (_, index) => `10.244.1.${index} - - "GET /healthz HTTP/1.1" 200 ${12 + index} "-" "kube-probe/1.36"`,
    ),
    '{"level":"error","ts":"2026-11-22T13:01:00Z","msg":"payment provider timed out","order":"8f14e45f-ceea-467f-9c5a-0d3c2f1b7a11","ms":30012}',
    '{"level":"info","ts":"2026-11-22T13:01:01Z","msg":"order placed","order":"c9f0f895-fb98-4b91-a8f5-2d1e0f9a8b22"}',
  ],
};
