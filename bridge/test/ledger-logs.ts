import { type Cluster, newCluster } from './kubernetes/cluster.ts';
import { pod } from './kubernetes/pod-objects.ts';
import { momentAgo } from './kubernetes/seed-time.ts';
import { deployment } from './kubernetes/workload-objects.ts';

export const LEDGER_PODS = ['ledger-7d9f8b6c5d-k8wq2', 'ledger-7d9f8b6c5d-pm4tz', 'ledger-7d9f8b6c5d-x2x7z'] as const;
export const CRASHING = LEDGER_PODS[2];

/** Three pods of a Deployment, one of which crashes; an application that logs JSON and traces, and a proxy in front of it. */
export function ledgerCluster(): Cluster {
  const cluster = newCluster().add(deployment({ namespace: 'payments', name: 'ledger', replicas: 3, ready: 2 }));
  for (const name of LEDGER_PODS) {
    const isCrashing = name === CRASHING;
    cluster.add(
      pod({
        namespace: 'payments',
        name,
        labels: { app: 'ledger', 'pod-template-hash': '7d9f8b6c5d' },
        owner: { kind: 'ReplicaSet', name: 'ledger-7d9f8b6c5d' },
        initContainers: [{ name: 'migrate' }],
        containers: [
          isCrashing
            ? { name: 'app', restarts: 42, state: { waiting: 'CrashLoopBackOff' }, last: { exitCode: 1, ago: '4m' } }
            : { name: 'app' },
          { name: 'proxy' },
        ],
      }),
    );
    const of = { namespace: 'payments', pod: name };
    cluster.setLog({ ...of, container: 'app' }, isCrashing ? dated(crashLines(), 1) : dated(appLines(), 10));
    cluster.setLog({ ...of, container: 'proxy' }, dated(proxyLines(), 20));
    cluster.setLog({ ...of, container: 'migrate' }, dated(['schema is at version 17, nothing to do'], 1));
  }
  cluster.setLog({ namespace: 'payments', pod: CRASHING, container: 'app' }, dated(crashLines(), 1), {
    previous: true,
  });
  return cluster;
}

/** Lines with the times of the runtime, so many seconds apart, the last 30 seconds ago. */
export function dated(lines: readonly string[], apart: number): string {
  return lines
    .map((line, index) => {
      const at = momentAgo(30 + (lines.length - 1 - index) * apart).replace(/(?:\.\d+)?Z$/, '.000000000Z');
      return line
        .split('\n')
        .map((each) => `${at} ${each.replace('$TIME', at.slice(0, 19))}\n`)
        .join('');
    })
    .join('');
}

function appLines(): string[] {
  return Array.from({ length: 300 }, (_, index) => {
    const order = 1000 + index;
    if (index % 60 === 7)
      return `{"level":"error","ts":"$TIMEZ","logger":"http","msg":"payment ${order} failed","error":"dial tcp 10.1.2.3:5432: connect: connection refused","took_ms":${3000 + index}}`;
    if (index % 97 === 11) return `{"level":"warn","ts":"$TIMEZ","msg":"slow query took ${index}.5s","rows":${index}}`;
    return `{"level":"info","ts":"$TIMEZ","msg":"payment ${order} booked","took_ms":${index % 80}}`;
  });
}

function crashLines(): string[] {
  return [
    '$TIME INFO  [main] starting ledger 1.12.0',
    '$TIME INFO  [main] connecting to postgres://ledger:hunter2-must-not-leak@db:5432/ledger',
    [
      '$TIME ERROR [main] cannot start',
      'java.lang.IllegalStateException: no connection after 5 attempts',
      ...Array.from({ length: 14 }, (_, index) => `\tat com.example.ledger.Store.open(Store.java:${40 + index})`),
      'Caused by: java.net.ConnectException: Connection refused: db/10.244.3.17:5432',
      '\tat java.base/sun.nio.ch.Net.connect0(Native Method)',
      '\t... 15 more',
    ].join('\n'),
  ];
}

function proxyLines(): string[] {
  return Array.from({ length: 120 }, (_, index) => {
    const status = index % 40 === 9 ? 502 : 200;
    const request = index % 3 === 0 ? 'GET /healthz' : `POST /v1/payments/${1000 + index}`;
    return `10.244.1.${index} - - [22/Nov/2026:13:00:00 +0000] "${request} HTTP/1.1" ${status} ${500 + index} "-" "client/1.0"`;
  });
}
