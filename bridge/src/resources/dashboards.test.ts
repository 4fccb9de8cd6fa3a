import { describe, expect, it } from 'vitest';
import { cannedPrometheus } from '../../test/canned-prometheus.ts';
import { cannedServer, lokiRecording } from '../../test/canned-server.ts';
import { createCursors } from '../cursor.ts';
import { ToolError } from '../errors.ts';
import type { Tool, Upstreams } from '../tool.ts';
import { lokiQuery } from '../tools/loki-query.ts';
import { promqlQuery } from '../tools/promql-query.ts';
import { createLoki } from '../upstreams/loki-client.ts';
import { createDashboards } from './dashboards.ts';
import { createSavedQueries } from './saved-queries.ts';
import { shippedFiles } from './shipped-files.ts';

const queries = createSavedQueries({
  shipped: [...shippedFiles(), { file: 'pod-restarts.logql', text: '# title: t\n# description: d\n{a="b"}' }],
  directory: null,
  onChange: () => undefined,
});
const client = { signal: new AbortController().signal, names: 'underscore' } as const;

function dashboards(upstreams: Partial<Upstreams> = {}, with_: readonly Tool[] = [promqlQuery, lokiQuery]) {
  return createDashboards({
    queries,
    tools: with_,
    runtime: {
      upstreams: { prometheus: null, loki: null, alertmanager: null, agents: null, kubernetes: null, ...upstreams },
      cursors: createCursors(Buffer.alloc(32)),
      deadlineMs: 5000,
      budget: 24_000,
      onBug: (_id, _tool, error) => {
        throw error;
      },
    },
  });
}
const read = (uri: string, upstreams?: Partial<Upstreams>) => dashboards(upstreams).read(uri, client);

describe('saved queries as resources', () => {
  it('lists them by name, with unit and where they come from', async () => {
    const list = await dashboards().list();
    expect(list.map(({ name }) => name)).toEqual(list.map(({ name }) => name).sort());
    expect(list.find(({ name }) => name === 'top-pods-by-cpu.promql')).toEqual({
      uri: 'res://dashboards/top-pods-by-cpu.promql',
      name: 'top-pods-by-cpu.promql',
      title: 'Pods by CPU',
      description: 'CPU that each pod uses, averaged over 5 minutes. From cAdvisor. Unit: cores.',
      mimeType: 'text/plain',
    });
  });

  it('says of one that the operator put in place of a shipped one', async () => {
    const [query] = await queries.all();
    if (query === undefined) throw new Error('none');
    const replaced = { all: async () => [{ ...query, origin: 'replaced' as const }] };
    const runtime = {
      upstreams: { prometheus: null, loki: null, alertmanager: null, agents: null, kubernetes: null },
      cursors: createCursors(Buffer.alloc(32)),
      deadlineMs: 1,
      budget: 1000,
      onBug: () => undefined,
    };
    const [listed] = await createDashboards({ queries: replaced, tools: [], runtime }).list();
    expect(listed?.description).toMatch(/ In place of the one that comes with the bridge\.$/);
  });

  it('names every variable in the template', async () => {
    expect(await dashboards().templates()).toMatchObject([
      { uriTemplate: 'res://dashboards/{file}/result{?range,namespace,node}', mimeType: 'text/plain' },
    ]);
  });

  it('gives a file with its header', async () => {
    const file = shippedFiles().find((each) => each.file === 'pod-restarts.promql');
    expect(await read('res://dashboards/pod-restarts.promql')).toEqual({
      kind: 'text',
      mimeType: 'text/plain',
      text: file?.text,
    });
    expect(file?.text).toMatch(/^# title: /);
  });

  it('leaves URIs of other kinds to others', async () => {
    expect(await read('res://snapshots/x.json')).toBeNull();
    expect(await read('https://dashboards/pod-restarts.promql')).toBeNull();
  });

  it.each([
    ['pod-restart.promql', 'near it: res://dashboards/pod-restarts.promql'],
    ['pod-restarts', 'near it: res://dashboards/pod-restarts.logql, res://dashboards/pod-restarts.promql'],
    ['xyzzy', `resources/list has all ${shippedFiles().length + 1}`],
    ['', `resources/list has all ${shippedFiles().length + 1}`],
    ['../dashboards/pod-restarts.promql', 'resources/list has all'],
    ['pod-restarts.promql/..', 'resources/list has all'],
    ['pod-restarts.promql?x=1', 'res://dashboards/pod-restarts.promql'],
    ['pod-restarts.promql/results', 'resources/list has all'],
    ['a'.repeat(100_000), 'resources/list has all'],
  ])('knows no %s', async (path, advice) => {
    const outcome = await read(`res://dashboards/${path}`);
    expect(outcome).toMatchObject({ kind: 'unknown', message: expect.stringContaining(advice) });
    expect(JSON.stringify(outcome).length).toBeLessThan(500);
  });
});

describe('what a saved query comes to', () => {
  const restarts = [[{ namespace: 'shop', pod: 'cart-0', container: 'main' }, 7]] as const;

  it('is what promql.query answers, under title and unit', async () => {
    const prometheus = cannedPrometheus({ kube_pod_container_status_restarts_total: restarts });
    const uri = 'res://dashboards/pod-restarts.promql/result?range=6h&namespace=sh.%2Bp%5C%5C%22';
    const outcome = await read(uri, { prometheus });
    expect(prometheus.asked).toEqual([expect.stringContaining('restarts_total{namespace=~"sh.+p\\\\\\\\\\""}[6h]')]);
    const text = outcome?.kind === 'text' ? outcome.text : '';
    expect(text).toMatch(/^Container restarts, in restarts\nround\( sum by .* · from prometheus · instant · 1 series/);
    expect(text.split('\n').slice(2).join('\n')).toMatch(/cart-0[\s\S]* 7|7$/);
  });

  it('is found without the ending where only one has the name', async () => {
    const prometheus = cannedPrometheus({});
    expect(await read('res://dashboards/hpa-at-max/result', { prometheus })).toMatchObject({ kind: 'text' });
  });

  it('is what loki.query answers, over the span of the file', async () => {
    const { url, seen } = await cannedServer(({ path }) =>
      path.endsWith('/query_range') ? lokiRecording('query-range-streams') : lokiRecording('index-stats'),
    );
    const loki = createLoki({ url });
    const outcome = await read('res://dashboards/error-logs.logql/result?namespace=shop', { loki });
    await loki.close();
    const asked = seen.find(({ path }) => path.endsWith('/query_range'));
    expect(asked?.parameters.query).toContain('{namespace=~"shop"}\n  |~ `(?i)');
    expect(outcome).toMatchObject({
      kind: 'text',
      text: expect.stringMatching(
        /^Errors in the logs of pods\n\{namespace=~"shop"\} .* · from loki · [\s\S]*upstream timeout/,
      ),
    });
  });

  it.each([
    ['pod-restarts.promql/result?pod=x', 'pod: no such variable\nhint: pod-restarts.promql takes range, namespace.'],
    ['pod-restarts.promql/result?range=soon', 'range: "soon" is no time span'],
    ['pod-restarts.promql/result?range=1h&range=2h', 'range: given twice'],
    ['pod-restarts.promql/result?range=%ff', '%ff: not percent-encoded UTF-8'],
    ['pod-restarts.promql/result?namespace=a%00b', 'namespace: has an invisible character'],
    ['node-cpu.promql/result?range=soon', 'range: '],
  ])('refuses %s', async (path, message) => {
    expect(await read(`res://dashboards/${path}`, { prometheus: cannedPrometheus({}) })).toMatchObject({
      kind: 'failed',
      code: 'invalid_argument',
      text: expect.stringContaining(`invalid_argument: ${message}`),
    });
  });

  it('is the error of the upstream where that refuses', async () => {
    const prometheus = cannedPrometheus({
      up: new ToolError('denied', 'http://prometheus: 403', { upstream: 'prometheus', hint: 'Ask the operator.' }),
    });
    expect(await read('res://dashboards/targets-down.promql/result', { prometheus })).toEqual({
      kind: 'failed',
      code: 'denied',
      text: 'denied (prometheus): http://prometheus: 403\nhint: Ask the operator.',
    });
    expect(await read('res://dashboards/targets-down.promql/result')).toMatchObject({
      kind: 'failed',
      code: 'not_configured',
      text: expect.stringContaining('TELEMCP_PROMETHEUS_URL'),
    });
  });

  it('is an error where the bridge has no such tool', async () => {
    expect(await dashboards({}, [promqlQuery]).read('res://dashboards/warn-events.logql/result', client)).toEqual({
      kind: 'failed',
      code: 'not_configured',
      text: 'not_configured: this bridge has no tool loki.query',
    });
  });
});
