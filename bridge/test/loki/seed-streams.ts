import type { PushedStream } from './logs.ts';

/** The moment of the recordings, nanoseconds since the epoch: 2026-11-22T12:35:46.511Z. */
export const RECORDED_AT = 1_795_350_946_511_000_000n;

const SECOND = 1_000_000_000n;

/** The streams that the recordings are of, which end at `end`: 60 lines each, one every ten seconds, of a shop. */
export function shopStreams(end = RECORDED_AT): PushedStream[] {
  const first = end - 600n * SECOND;
  const at = (index: number) => first + BigInt(index) * 10n * SECOND;
  const apps = [
    ['shop', 'cart'],
    ['shop', 'web'],
    ['payments', 'ledger'],
    ['monitoring', 'node-agent'],
  ] as const;
  const streams = apps.map(
    ([namespace, app], index): PushedStream => ({
      labels: {
        app,
        container: 'main',
        namespace,
        node: `node-000${index}`,
        pod: `${app}-7d9f-${index}`,
        stream: index % 2 === 0 ? 'stdout' : 'stderr',
      },
      lines: Array.from({ length: 60 }, (_, line) => ({ time: at(line), line: shopLine(line) })),
    }),
  );
  const single = { time: at(20), line: 'an error of a stream with few labels' };
  return [...streams, { labels: { app: 'x', namespace: 'shop' }, lines: [single] }];
}

function shopLine(index: number): string {
  if (index % 7 === 3)
    return `level=error msg="upstream timeout" attempt=${index} trace_id=${(7919 * index).toString(16)}`;
  if (index % 11 === 6) return `level=warn msg="slow query" ms=${index * 13}`;
  return JSON.stringify({ level: 'info', msg: `GET /item/${index}`, status: 200, dur_ms: index });
}

/** The journals of three nodes as a collector of them labels it: their host is `nodename`, not `node`. */
export function journalStreams(end = RECORDED_AT): PushedStream[] {
  const units = { 'kubelet.service': kubeletLine, 'containerd.service': containerdLine, 'ssh.service': sshLine };
  return ['node-0000', 'node-0001', 'node-0002.example.net'].flatMap((nodename, node) =>
    Object.entries(units).map(
      ([unit, lineOf], which): PushedStream => ({
        labels: { job: 'systemd-journal', nodename, unit },
        lines: Array.from({ length: 30 }, (_, index) => {
          const time = end - BigInt(30 - index) * 60n * SECOND - BigInt(node * 7 + which) * SECOND;
          return { time, line: lineOf(index, new Date(Number(time / 1_000_000n)).toISOString(), node) };
        }),
      }),
    ),
  );
}

function kubeletLine(index: number, time: string, node: number): string {
  const header = `${time.slice(5, 7)}${time.slice(8, 10)} ${time.slice(11, 23)}000    90${node}`;
  if (node === 1 && index % 3 === 0)
    return `E${header} pod_workers.go:1301] "Error syncing pod, skipping" err="failed to \\"StartContainer\\" for \\"app\\" with CrashLoopBackOff" pod="payments/ledger-7d9f-${index}"`;
  return `I${header} kubelet.go:2456] "SyncLoop (PLEG): event for pod" pod="shop/cart-7d9f-${index}"`;
}

function containerdLine(index: number, time: string): string {
  const id = (0x3f9a1c7b2d4 + index * 7919).toString(16).padEnd(16, '0');
  return `time="${time}" level=info msg="StartContainer for \\"${id}\\" returns successfully"`;
}

function sshLine(index: number): string {
  return `Failed password for invalid user admin from 203.0.113.${index} port ${40_000 + index} ssh2`;
}

/** One stream with as many lines as asked, a millisecond apart, which end at `end`. One in a thousand is an error. */
export function longStream(lines: number, end = RECORDED_AT): PushedStream {
  return {
    labels: { app: 'gateway', container: 'main', namespace: 'edge', pod: 'gateway-5c9d-1' },
    lines: Array.from({ length: lines }, (_, index) => ({
      time: end - BigInt(lines - index) * 1_000_000n,
      line:
        index % 1000 === 500
          ? `ERROR upstream 10.0.${index % 7}.3 gave 502 for request ${index}`
          : `INFO request ${index} took ${index % 90}ms`,
    })),
  };
}

/** A service that dies with a trace, a line of Java at a time, and one that has a secret in its line. */
export function crashStream(end = RECORDED_AT): PushedStream {
  const lines = [
    'INFO [main] starting ledger 1.12.0',
    'INFO [main] connecting to postgres://ledger:hunter2-of-the-tests@db:5432/ledger',
    'ERROR [main] cannot start',
    'java.lang.IllegalStateException: no connection after 5 attempts',
    '\tat com.example.ledger.Store.open(Store.java:40)',
    '\tat com.example.ledger.Main.main(Main.java:12)',
    'Caused by: java.net.ConnectException: Connection refused: db/10.244.3.17:5432',
    '\tat java.base/sun.nio.ch.Net.connect0(Native Method)',
    '\t... 15 more',
  ];
  return {
    labels: { app: 'ledger', container: 'boot', namespace: 'payments', pod: 'ledger-7d9f-9' },
    lines: lines.map((line, index) => ({ time: end - BigInt(5000 - index) * 1_000_000n, line })),
  };
}
