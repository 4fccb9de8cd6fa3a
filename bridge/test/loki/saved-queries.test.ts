import { describe, expect, it, onTestFinished } from 'vitest';
import { createCursors } from '../../src/cursor.ts';
import { createDashboards } from '../../src/resources/dashboards.ts';
import { createSavedQueries } from '../../src/resources/saved-queries.ts';
import { shippedFiles } from '../../src/resources/shipped-files.ts';
import { lokiQuery } from '../../src/tools/loki-query.ts';
import { createLoki } from '../../src/upstreams/loki-client.ts';
import type { PushedStream } from './logs.ts';
import { journalStreams, shopStreams } from './seed-streams.ts';
import { startSmallLoki } from './small-loki.ts';

const MINUTE = 60_000_000_000n;
const queries = createSavedQueries({ shipped: shippedFiles(), directory: null, onChange: () => undefined });

const EVENTS = [
  'name=cart-0 kind=Pod objectAPIversion=v1 reason=BackOff type=Warning count=3 msg="Back-off restarting failed container "',
  'name=cart-0 kind=Pod objectAPIversion=v1 reason=Pulled type=Normal count=1 msg="no type here: Warning"',
];
const KERNEL = [
  'java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=936',
  'Memory cgroup out of memory: Killed process 4242 (java) total-vm:4194304kB, anon-rss:524288kB',
  'blk_update_request: I/O error, dev sdb, sector 2048 op 0x0:(READ) flags 0x0',
  'EXT4-fs error (device sda1): ext4_find_entry:1658: inode #2: comm cat: reading directory lblock 0',
  'EXT4-fs (sda1): re-mounted. Opts: errors=remount-ro',
  'cni0: port 3(veth1) entered forwarding state',
];

function stream(labels: Record<string, string>, lines: readonly string[], end: bigint): PushedStream {
  return { labels, lines: lines.map((line, index) => ({ time: end - BigInt(index + 1) * MINUTE, line })) };
}

/** What saved queries come to on a small Loki with pods, events and the journals of nodes, up to now. */
async function result(path: string): Promise<string> {
  const end = BigInt(Date.now()) * 1_000_000n;
  const streams = [
    ...shopStreams(end),
    ...journalStreams(end),
    stream({ job: 'loki.source.kubernetes_events', namespace: 'shop' }, EVENTS, end),
    stream({ job: 'monitoring/kubernetes-event-exporter', namespace: 'monitoring' }, ['{"type":"Warning","x":1}'], end),
    stream({ job: 'systemd-journal', nodename: 'node-0001', unit: 'kernel' }, KERNEL, end),
  ];
  const { url } = await startSmallLoki(streams, {
    now: end,
    instead: ({ parameters }) => {
      // The small Loki knows no `or`; the node of its journals is in nodename.
      if (typeof parameters.query === 'string')
        parameters.query = parameters.query.replace(/\| node=~.* or (nodename=~"[^"]*") or .*/, '| $1');
      return null;
    },
  });
  const loki = createLoki({ url });
  onTestFinished(() => loki.close());
  const dashboards = createDashboards({
    queries,
    tools: [lokiQuery],
    runtime: {
      upstreams: { prometheus: null, loki, alertmanager: null, agents: null, kubernetes: null },
      cursors: createCursors(Buffer.alloc(32)),
      deadlineMs: 10_000,
      budget: 24_000,
      onBug: (_id, _tool, error) => {
        throw error;
      },
    },
  });
  const client = { signal: new AbortController().signal, names: 'underscore' } as const;
  const outcome = await dashboards.read(`res://dashboards/${path}`, client);
  return outcome?.kind === 'text' ? outcome.text : JSON.stringify(outcome);
}

/** Of each file a question to it, what must be in the answer, and what must not. */
const ASKED: Readonly<Record<string, readonly [parameters: string, has: RegExp[], hasNot: RegExp[]]>> = {
  'disk-errors-in-kernel-log.logql': ['', [/I\/O error, dev sdb/, /ext4_find_entry/], [/re-mounted/, /oom/]],
  'error-logs.logql': ['?namespace=shop', [/upstream timeout/, /an error of a stream/], [/slow query/, /ledger/]],
  'error-logs-by-app.logql': ['?range=30m', [/ over \[30m\] /, /ledger payments 9/], []],
  'failed-logins.logql': ['?node=node-0001', [/Failed password/, /node-0001/], [/node-0000/, /Error syncing/]],
  'journal-errors.logql': ['?node=node-0001', [/Error syncing pod/], [/node-0000/, /SyncLoop/, /forwarding state/]],
  'log-volume-by-app.logql': ['?namespace=shop', [/ over \[1h\] /, /cart \d+/, /web \d+/], [/ledger/]],
  'oom-in-kernel-log.logql': ['?node=node-0.*', [/invoked oom-killer/, /Killed process 4242/], [/sdb/, /Failed/]],
  'warn-events.logql': ['', [/reason=BackOff/, /"type":"Warning"/], [/reason=Pulled/, /upstream/]],
};

describe('the saved queries of logs', () => {
  it('are all asked here', async () => {
    const logql = (await queries.all()).filter(({ language }) => language === 'logql');
    expect(Object.keys(ASKED).sort()).toEqual(logql.map(({ file }) => file));
  });

  it.each(Object.entries(ASKED))('%s finds what it is for', async (file, [parameters, has, hasNot]) => {
    const text = await result(`${file}/result${parameters}`);
    for (const pattern of has) expect(text).toMatch(pattern);
    for (const pattern of hasNot) expect(text).not.toMatch(pattern);
  });

  it('run with their presets', async () => {
    for (const file of Object.keys(ASKED)) expect(await result(`${file}/result`), file).toMatch(/ · from loki · /);
  });
});
