import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { askTool, structuredLimit, tokensOfTool } from '../../test/ask-tool.ts';
import { type CannedAlerting, cannedAlerting } from '../../test/canned-alerts.ts';
import { SHOP } from '../../test/shop-alerts.ts';
import type { Upstreams } from '../tool.ts';
import { createAlertmanager } from '../upstreams/alertmanager-client.ts';
import { alertsList } from './alerts-list.ts';

type Options = Parameters<typeof askTool>[3] & { without?: readonly (keyof Upstreams)[] };

async function ask(of: CannedAlerting, args: Record<string, unknown> = {}, { without = [], ...options }: Options = {}) {
  const { prometheus, alertmanager } = await cannedAlerting(of);
  const upstreams = { prometheus, alertmanager, ...Object.fromEntries(without.map((name) => [name, null])) };
  return askTool(alertsList, args, null, { upstreams, ...options });
}

const firing = (count: number, name = 'Down', severity = 'warning') =>
  Array.from({ length: count }, (_, index) => ({
    name,
    severity,
    labels: { pod: `p${String(index).padStart(5, '0')}` },
  }));

describe('alerts.list', () => {
  it('has sixty alerts as twelve, worst first, and what holds others back, for few tokens', async () => {
    const asked = await ask(SHOP);
    await expect(asked.text).toMatchFileSnapshot('../../test/golden/alerts-list.txt');
    expect(asked.tokens).toBeLessThanOrEqual(800);
    expect(asked.structuredTokens).toBeLessThanOrEqual(structuredLimit(asked));
    const reversed = { ...SHOP, alerts: SHOP.alerts?.toReversed() ?? [] };
    expect((await ask(reversed)).text).toBe(asked.text);
  });

  it('has each alert of one name, with its rule, what it means and where it came from', async () => {
    const asked = await ask(SHOP, { match: 'KubePodCrashLooping' });
    await expect(asked.text).toMatchFileSnapshot('../../test/golden/alerts-list-one.txt');
    expect(asked.structuredTokens).toBeLessThanOrEqual(structuredLimit(asked));
    expect((await ask(SHOP, { match: 'KubeHpaMaxedOut' })).text).toContain(
      '\nsource http://prometheus.example/graph?g0.expr=KubeHpaMaxedOut\n',
    );
    expect(asked.answer.next).toEqual([
      { tool: 'promql.query', arguments: { expr: 'rate(KubePodCrashLooping_total{env="prod"}[5m]) > 0.1' } },
    ]);
  });

  it('has each alert where there are few of several names, the silenced too where asked for', async () => {
    const asked = await ask(SHOP, { match: 'namespace="payments"', silenced: true });
    await expect(asked.text).toMatchFileSnapshot('../../test/golden/alerts-list-few.txt');
    expect(asked.tokens).toBeLessThanOrEqual(800);
    expect(asked.structuredTokens).toBeLessThanOrEqual(structuredLimit(asked));
  });

  it('lists silences, with what they hold, and those in force that hold nothing', async () => {
    const { text, answer } = await ask(SHOP, { silenced: true });
    expect(answer.tables[1]).toMatchObject({
      name: 'silences',
      common: { state: 'active' },
      columns: ['until', 'left', 'alerts', 'by', 'matchers', 'id', 'comment'],
      rows: [
        ['13:14:11Z', '12m', 3, 'bob', 'alertname=LedgerLag,namespace=~payments|ledger', expect.any(String), /OPS-431/],
        ['18:02:11Z', '5h', 0, 'ci', 'namespace=staging', expect.any(String), 'deploy'],
      ].map((row) => row.map((cell) => (cell instanceof RegExp ? expect.stringMatching(cell) : cell))),
    });
    expect(text).toContain(' LedgerLag 3 9m..15m 1..1.2 "silenced until 13:14:11Z" ');
    expect(text).toContain(' "inhibited by KubeNodeNotReady" ');
    expect(answer.summary).toContain('of these 3 silenced, 2 inhibited');
  });

  it('asks for what it says: by severity, by state', async () => {
    const critical = await ask(SHOP, { severity: 'critical' });
    expect(critical.answer.summary).toBe('3 firing, all critical');
    expect(critical.tokens).toBeLessThanOrEqual(300);
    const pending = await ask(SHOP, { state: 'pending' });
    expect(pending.answer.summary).toBe('1 pending, warning');
    expect(pending.text).toContain('all: state=pending,fires-in-3m severity=warning alert=KubeMemoryOvercommit');
    expect(pending.text).not.toContain('Watchdog');
  });

  it('lists rules that do not fire, and only those', async () => {
    const of = {
      alerts: firing(1),
      rules: [
        { name: 'Quiet', severity: 'info' },
        { name: 'Calm', severity: 'critical' },
      ],
    };
    const inactive = await ask(of, { state: 'inactive' });
    expect(inactive.answer.summary).toBe('2 rules inactive');
    expect(inactive.answer.tables[0]?.rows.map((row) => row.slice(0, 2))).toEqual([
      ['critical', 'Calm'],
      ['info', 'Quiet'],
    ]);
    const all = await ask(of, { state: 'all' });
    expect(all.answer.summary).toBe('1 firing, warning; 2 rules inactive');
    expect(all.answer.tables.map(({ name }) => name)).toEqual([undefined, 'of the newest', 'rule', 'inactive rules']);
  });

  it('goes on where a list was cut', async () => {
    const of = { alerts: firing(70) };
    const first = await ask(of, { match: 'Down' });
    expect(first.text).toContain('shown 20 of 70, worst first, then newest');
    expect(first.text).toMatch(/next: alerts_list\(cursor="[^"]+"\)/);
    const last = await ask(of, { match: 'Down' }, { from: { table: 0, row: 60 } });
    expect(last.text).toContain('rows 61 to 70 of 70');
    const seen = [first, last].flatMap(({ text }) => text.match(/p\d{5}/g) ?? []);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('of one name leaves out labels for machines, and stays small with many labels', async () => {
    const image = (index: number) => `registry.example.com/team/app-${index}:1.0.0`;
    const alerts = firing(47).map((alert, index) => {
      const where = {
        container: 'app',
        instance: `10.0.0.${index}:8080`,
        job: `job-${index % 2}`,
        node: `n${index % 9}`,
      };
      return { ...alert, labels: { ...alert.labels, ...where, image: image(index), namespace: `ns-${index % 5}` } };
    });
    const asked = await ask({ alerts }, { match: 'Down' });
    expect(asked.text).toContain('shown 12 of 47');
    expect(asked.text).toContain('note: labels not shown: image');
    expect(asked.text).not.toContain('registry.example.com');
    expect(asked.tokens).toBeLessThanOrEqual(800);
  });

  it('stays small with ten thousand alerts, and counts them all', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `Alert${String(index).padStart(2, '0')}`);
    const asked = await ask({ alerts: names.flatMap((name) => firing(250, name)) });
    expect(asked.answer.summary).toBe('10,000 firing in 40 alerts, all warning');
    expect(asked.text).toContain('shown 25 of 40, worst first');
    expect(asked.tokens).toBeLessThanOrEqual(800);
  });

  it('hides secrets in what alerts say, before it cuts, and what acts on a terminal', async () => {
    const annotations = {
      summary: `${'x'.repeat(80)} postgres://bob:hunter2-must-not-leak@db.example/x \u001b[31m`,
      description: 'login with password=hunter2-must-not-leak',
      runbook_url: 'https://bob:hunter2-must-not-leak@wiki.example/a',
    };
    const alerts = [...firing(2), ...firing(1, 'Other')].map((alert) => ({ ...alert, annotations }));
    for (const args of [{}, { match: 'Down' }, { match: 'Other' }]) {
      const { text, structured } = await ask({ alerts }, args);
      expect(text + JSON.stringify(structured)).not.toMatch(/hunter2|\\u001b/);
    }
  });

  it('keeps a label apart from a column of the same name', async () => {
    const alerts = firing(1).map((alert) => ({ ...alert, labels: { state: 'Terminating' } }));
    const { text } = await ask({ alerts });
    expect(text).toContain('all: state=firing severity=warning alert=Down label:state=Terminating');
  });

  it('takes an empty text as left out', async () => {
    expect((await ask(SHOP, { match: '', severity: ' ' })).text).toBe((await ask(SHOP)).text);
  });

  it('costs a model at most 200 tokens', () => {
    expect(tokensOfTool(alertsList)).toBeLessThanOrEqual(200);
  });
});

describe('alerts.list without alerts', () => {
  it('says of how many rules nothing fires', async () => {
    const { text } = await ask({ rules: [{ name: 'Quiet' }] });
    expect(text).toMatch(/ · from prometheus and alertmanager · no alert; 1 alerting rule read$/);
  });

  it.each([
    [{ match: 'KubeNodeNotRedy' }, 'alerts called like it: KubeNodeNotReady, KubePodNotReady'],
    [{ severity: 'page', match: 'node=~"node-.+"' }, 'severities there: 7 warning'],
  ])('says what there is instead (%#)', async (args, note) => {
    const { answer } = await ask(SHOP, args);
    expect(answer.summary).toMatch(/^no alert matches; in all 66 firing in 15 alerts/);
    expect(answer.notes).toContain(note);
  });

  it('knows rules that match and are quiet, and shows one', async () => {
    const { text } = await ask({ rules: [{ name: 'Quiet', expr: 'up < 1' }] }, { match: 'quiet' });
    expect(text).toContain('note: rules that match and do not fire: Quiet');
    expect(text).toContain('\nexpr up < 1\nfor 5m\n');
  });

  it('says that there are no rules', async () => {
    const { answer } = await ask({
      replies: { '/api/v1/rules': { body: { status: 'success', data: { groups: [] } } } },
    });
    expect(answer.notes?.join()).toMatch(/has no rules: nothing there can fire/);
  });
});

describe('alerts.list and what can be wrong with alerting', () => {
  const notes = async (of: CannedAlerting, args = {}) => (await ask(of, args)).answer.notes?.join('\n') ?? '';

  it('names rules that fail and groups that stand still', async () => {
    const said = await notes({
      rules: [
        { name: 'Broken', health: 'err', lastError: 'many-to-many matching not allowed' },
        { name: 'job:rate', health: 'err', lastError: 'query timed out', recording: true },
        { name: 'Stale', evaluated: 20 },
      ],
    });
    expect(said).toContain(
      '2 rules cannot be evaluated and cannot fire: Broken: many-to-many matching not allowed; job:rate (recording): query timed out',
    );
    expect(said).toContain('1 group of rules not evaluated: Stale.group (last 20m ago)');
  });

  it('speaks of the rules that are asked about only', async () => {
    const rules = [{ name: 'Broken', health: 'err', lastError: 'no such function' }, { name: 'Quiet' }];
    expect(await notes({ rules }, { match: 'Quiet' })).not.toContain('Broken');
    expect(await notes({ rules }, { match: 'Broken' })).toContain('1 rule cannot be evaluated');
  });

  it('names what fires on one side only', async () => {
    const said = await notes({
      alerts: [
        ...firing(2).map((alert) => ({ ...alert, at: 'prometheus' as const })),
        { name: 'Foreign', at: 'alertmanager' },
        { name: 'Ended', at: 'alertmanager' },
      ],
      rules: [{ name: 'Ended' }],
    });
    expect(said).toContain(
      '2 alerts in Prometheus, but not in Alertmanager (not delivered, or dropped by alert_relabel_configs): Down ×2',
    );
    expect(said).toContain('1 alert from another source: this Prometheus has no such rule: Foreign');
    expect(said).toContain(
      '1 alert in Alertmanager, but not in Prometheus now (just ended, or from another Prometheus): Ended',
    );
  });

  it('explains missing alerts by an Alertmanager that has just started', async () => {
    const alerts = firing(1).map((alert) => ({ ...alert, at: 'prometheus' as const }));
    const replies = { '/api/v2/status': { body: { uptime: '2026-11-22T13:01:31Z' } } };
    expect(await notes({ alerts, replies })).toContain('Alertmanager started 40s ago');
    expect(await notes({ alerts, replies: { '/api/v2/status': { status: 500, body: 'no' } } })).not.toContain(
      'started',
    );
  });

  it('tells a heartbeat from alerts: there, gone, not delivered', async () => {
    const watchdog = { name: 'Watchdog', severity: 'none' };
    const there = await ask({ alerts: [watchdog, { name: 'InfoInhibitor', severity: 'none' }] });
    expect(there.answer.summary).toBe('no alert; 2 alerting rules read');
    expect(there.answer.notes).toEqual(['not counted, fires by design: InfoInhibitor, Watchdog']);
    expect(await notes({ rules: [watchdog] })).toBe(
      'Watchdog should always fire and does not: rules are not evaluated, other alerts may be missing too',
    );
    expect(await notes({ alerts: [{ ...watchdog, at: 'prometheus' }] })).toContain(
      'Watchdog fires in Prometheus, and Alertmanager does not have it: alerts may not be delivered at all',
    );
    expect((await ask({ alerts: [watchdog] }, { match: 'watchdog' })).answer.summary).toBe(
      '1 firing, of severity none',
    );
  });

  it('says who holds alerts back where silences, causes and intervals are known, and that they do where not', async () => {
    const alerts = [
      { name: 'A', silencedBy: ['s1', 'gone'] },
      { name: 'B', inhibitedBy: ['nobody-has-this'] },
      { name: 'C', mutedBy: ['weekends'] },
    ];
    const silences = [{ id: 's1', by: '', minutesLeft: 90 }];
    const { answer } = await ask({ alerts, silences });
    expect(answer.summary).toBe('1 silenced, 1 inhibited, 1 muted, not listed');
    expect(answer.notes).toEqual([
      'silenced 1: 1 by nobody named until 14:32:11Z',
      'inhibited 1, by an alert that is gone',
      'muted 1, by weekends',
    ]);
    const failing = { '/api/v2/silences': { status: 500, body: JSON.stringify('boom') } };
    expect(await notes({ alerts, replies: failing })).toMatch(
      /^silenced 1\n(.*\n)*who silences until when is not known: /,
    );
  });
});

describe('alerts.list with an upstream missing', () => {
  const DOWN = { status: 500, type: 'text/html', body: '<html>oops</html>' };

  it('has what Prometheus knows without an Alertmanager, and says what is not known', async () => {
    const asked = await ask(SHOP, { severity: 'critical' }, { without: ['alertmanager'] });
    expect(asked.answer.source).toBe('prometheus');
    expect(asked.answer.summary).toBe('3 firing, all critical');
    expect(asked.answer.notes).toContain(
      'not known: what is silenced or inhibited, and whether alerts are delivered; this bridge has no Alertmanager',
    );
  });

  it('has what Alertmanager knows without a Prometheus', async () => {
    const asked = await ask(SHOP, {}, { without: ['prometheus'] });
    expect(asked.answer.source).toBe('alertmanager');
    expect(asked.answer.summary).toMatch(/^60 firing in 12 alerts/);
    expect(asked.answer.notes).toContain(
      'not known: pending alerts, values and whether rules are well; this bridge has no Prometheus',
    );
    await expect(ask(SHOP, { state: 'pending' }, { without: ['prometheus'] })).rejects.toMatchObject({
      code: 'not_configured',
      message: 'this bridge has no Prometheus',
    });
  });

  it.each([
    ['/api/v1/rules', 'alertmanager', 'not known: pending alerts'],
    ['/api/v2/alerts', 'prometheus', 'not known: what is silenced'],
  ])('answers from the other where %s fails', async (path, source, note) => {
    const asked = await ask({ ...SHOP, replies: { [path]: DOWN } }, { severity: 'critical' });
    expect(asked.answer).toMatchObject({ source, summary: '3 firing, all critical' });
    expect(asked.answer.notes?.join('\n')).toMatch(new RegExp(`${note}.*: answered HTTP 500`));
  });

  it.each<[string, (socket: Socket) => void, RegExp]>([
    ['never answers', () => undefined, /no answer within 0\.2 s/],
    ['cuts the connection', (socket) => socket.destroy(), /connection/],
    [
      'stops in the middle',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n[{"fing'),
      /http/,
    ],
    ['talks no HTTP', (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'), /http/],
    [
      'answers with other JSON',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}'),
      /not an answer of Alertmanager/,
    ],
  ])('answers from Prometheus where Alertmanager %s', async (_, behave, words) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined).once('data', () => behave(socket));
      onTestFinished(() => {
        socket.destroy();
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const alertmanager = createAlertmanager({ url: new URL(`http://127.0.0.1:${port}`), timeoutMs: 200 });
    onTestFinished(async () => {
      await alertmanager.close();
      server.close();
    });
    const { prometheus } = await cannedAlerting(SHOP);
    const asked = await askTool(alertsList, { severity: 'critical' }, null, {
      upstreams: { prometheus, alertmanager },
    });
    expect(asked.answer).toMatchObject({ source: 'prometheus', summary: '3 firing, all critical' });
    const note = asked.answer.notes?.find((each) => each.startsWith('not known: what is silenced')) ?? '';
    expect(note).toMatch(words);
  });

  it('fails where both do, with the words of both', async () => {
    const replies = { '/api/v1/rules': DOWN, '/api/v2/alerts': { status: 401, body: JSON.stringify('who are you') } };
    await expect(ask({ replies })).rejects.toMatchObject({
      code: 'bad_response',
      message: expect.stringMatching(/answered HTTP 500.*; .*who are you$/),
    });
  });

  it('does not take a server without rules for one where nothing fires', async () => {
    const replies = { '/api/v1/rules': { status: 404, type: 'text/plain', body: '404 page not found' } };
    expect((await ask({ replies })).answer.notes?.join()).toMatch(/serves no rules|answered HTTP 404/);
    await expect(ask({ replies }, {}, { without: ['alertmanager'] })).rejects.toThrow(/serves no rules|HTTP 404/);
  });

  it('is not configured without both', async () => {
    await expect(ask({}, {}, { without: ['prometheus', 'alertmanager'] })).rejects.toMatchObject({
      code: 'not_configured',
      hint: expect.stringContaining('TELEMCP_ALERTMANAGER_URL'),
    });
  });
});
