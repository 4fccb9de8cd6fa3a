import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Asked, askTool, structuredLimit, tokensOfTool } from '../../test/ask-tool.ts';
import { type ApiServer, startApiServer } from '../../test/kubernetes/api-server.ts';
import { kubernetesOf } from '../../test/kubernetes/connect.ts';
import { SEED_NOW } from '../../test/kubernetes/seed-time.ts';
import { seededCluster, UNHEALTHY_PER_ROUND } from '../../test/kubernetes/seeds.ts';
import type { Position } from '../render-answer.ts';
import type { Kubernetes } from '../upstreams/kubernetes.ts';
import { k8sGet } from './k8s-get.ts';

let server: ApiServer;
let kubernetes: Kubernetes;

beforeAll(async () => {
  server = await startApiServer(seededCluster({ nodes: 100, pods: 2000, events: 500 }));
  kubernetes = kubernetesOf(server);
});
afterAll(async () => {
  await kubernetes.close();
  await server.close();
});

const asking = (upstream: Kubernetes) => (args: Record<string, unknown>, from?: Position) =>
  askTool(k8sGet, args, null, {
    now: SEED_NOW,
    upstreams: { kubernetes: upstream },
    ...(from === undefined ? {} : { from }),
  });
const ask = (args: Record<string, unknown>, from?: Position) => asking(kubernetes)(args, from);
const refusal = (args: Record<string, unknown>) =>
  ask(args).then(
    ({ text }) => expect.fail(`was answered: ${text}`),
    (error: unknown) => error,
  );
// Markers of secrets are salted by the process.
const golden = ({ text }: Asked, name: string) =>
  expect(`${text.replaceAll(/\[redacted:\w+\]/g, '[redacted]')}\n`).toMatchFileSnapshot(
    `../../test/golden/k8s-get-${name}.txt`,
  );

/** Rows of a table of the answer as the client gets them. */
function rowsOf({ answer }: Asked, table = 0) {
  return answer.tables[table]?.rows ?? [];
}

it('costs little to be told of', () => {
  expect(tokensOfTool(k8sGet)).toBeLessThanOrEqual(250);
  expect(k8sGet.description).not.toMatch(/[|;<>]|&&|\$\(/);
});

describe('2,000 pods', () => {
  it('are counted, and the unhealthy ones named with the reason', async () => {
    const asked = await ask({ kind: 'pods' });
    await golden(asked, 'pods');
    expect(asked.tokens).toBeLessThanOrEqual(2500);
    expect(asked.structuredTokens).toBeLessThanOrEqual(structuredLimit(asked));
    expect(asked.text).toContain(`${UNHEALTHY_PER_ROUND} unhealthy`);
    expect(asked.structured.tables[0]).toMatchObject({ total: 2000, shown: UNHEALTHY_PER_ROUND, truncated: true });
    expect(rowsOf(asked).slice(0, UNHEALTHY_PER_ROUND)).toSatisfy((rows: (typeof asked.answer.tables)[0]['rows']) =>
      rows.every((row) => typeof row.at(-1) === 'string' && row.length === asked.answer.tables[0]?.columns.length),
    );
  });

  it('are the same answer twice', async () => {
    expect((await ask({ kind: 'po' })).text).toBe((await ask({ kind: 'po' })).text);
  });

  it('are each shown once when all pages are read', async () => {
    const seen: string[] = [];
    let from: Position | undefined;
    for (let pages = 0; pages < 100; pages += 1) {
      const asked = await ask({ kind: 'pods', limit: 400 }, from);
      const table = asked.structured.tables[0];
      const rows = Array.isArray(table?.rows) ? table.rows : [];
      seen.push(...rows.map((row: unknown[]) => `${row[0]}/${row[1]}`));
      if (!asked.text.includes('cursor=')) break;
      from = { table: 0, row: seen.length };
    }
    expect(seen).toHaveLength(2000);
    expect(new Set(seen).size).toBe(2000);
  });

  it('are grouped where fewer rows are asked for than are unhealthy', async () => {
    const asked = await ask({ kind: 'pods', limit: 5 });
    await golden(asked, 'pods-limit-5');
    const counted = rowsOf(asked).reduce((sum, [count]) => sum + Number(count), 0);
    expect(counted).toBe(UNHEALTHY_PER_ROUND);
  });

  it('of one namespace and a selector are only those', async () => {
    const asked = await ask({ kind: 'pods', namespace: 'payments', fieldSelector: 'status.phase=Pending' });
    await golden(asked, 'pods-selected');
    expect(asked.text).toContain('pods in payments, status.phase=Pending');
  });

  it('have their images counted', async () => {
    const asked = await ask({ kind: 'pods', fields: 'spec.containers[*].image' });
    expect(asked.tokens).toBeLessThanOrEqual(1500);
    expect(asked.structuredTokens).toBeLessThanOrEqual(structuredLimit(asked));
    expect(asked.text).toContain('2,000 pods');
    expect(asked.text).toContain('node-exporter');
  });

  it('cost no whole objects for fields of metadata', async () => {
    server.requests.length = 0;
    await ask({ kind: 'pods', fields: 'metadata.labels.app' });
    const lists = server.requests.filter(({ path }) => path.includes('/pods?'));
    expect(lists.length).toBeGreaterThan(0);
    expect(lists.every(({ accept }) => accept?.includes('PartialObjectMetadataList'))).toBe(true);
  });
});

describe('100 nodes', () => {
  it('are counted by state and version, and those in trouble named', async () => {
    const asked = await ask({ kind: 'nodes' });
    await golden(asked, 'nodes');
    expect(asked.tokens).toBeLessThanOrEqual(1500);
    expect(asked.structuredTokens).toBeLessThanOrEqual(structuredLimit(asked));
  });

  it('have no namespace, which is said and not taken for one without nodes', async () => {
    const { text } = await ask({ kind: 'nodes', namespace: 'shop' });
    expect(text).toContain('100, 4 unhealthy');
    expect(text).toContain('nodes have no namespace');
  });
});

describe('every other kind of the same cluster', () => {
  it.each([
    'deployments',
    'statefulsets',
    'daemonsets',
    'services',
    'ingresses',
    'jobs',
    'cronjobs',
    'hpa',
    'vpa',
    'pvc',
    'namespaces',
    'events',
    'certificates',
    'secrets',
    'configmaps',
  ])('of %s is within its budget and leaks nothing', async (kind) => {
    const asked = await ask({ kind });
    expect(asked.answer.tables[0]?.rows.length).toBeGreaterThan(0);
    expect(asked.tokens).toBeLessThanOrEqual(2000);
    expect(asked.text + JSON.stringify(asked.structured)).not.toMatch(/hunter2|must-not-leak/);
  });

  it('is shown in one golden', async () => {
    const answers: string[] = [];
    for (const kind of ['deployments', 'hpa', 'pvc', 'certs', 'cronjobs', 'secrets'])
      answers.push((await ask({ kind })).text);
    await expect(`${answers.join('\n\n')}\n`).toMatchFileSnapshot('../../test/golden/k8s-get-seeded.txt');
  });
});

describe('one object', () => {
  const crashing = async () => {
    const [row] = rowsOf(await ask({ kind: 'pods', namespace: 'payments' })).filter((cells) =>
      cells.includes('CrashLoopBackOff'),
    );
    return String(row?.[0]);
  };

  it('is found by its name alone, whatever its namespace, and says first what is wrong', async () => {
    const name = await crashing();
    const asked = await ask({ kind: 'pod', name });
    await golden(asked, 'pod-crashing');
    expect(asked.tokens).toBeLessThanOrEqual(900);
    expect(asked.text.split('\n')[0]).toMatch(/in payments .* CrashLoopBackOff: exit /);
    expect(asked.text).toContain('tail_pod_logs(');
  });

  it.each([
    { kind: 'deploy', name: 'payments/ledger' },
    { kind: 'deploy', name: 'deployment/ledger', namespace: 'payments' },
    { kind: 'Deployment', name: 'ledger', namespace: '', fields: '' },
    { kind: 'apps/v1/Deployment', name: 'ledger' },
  ])('is found as $kind $name', async (args) => {
    expect((await ask(args)).text).toMatch(/^Deployment ledger in payments · .* Degraded: 6 of 8 not available\n/);
  });

  it('is a document in JSON or a row of a table when asked for', async () => {
    const args = { kind: 'deploy', namespace: 'payments', name: 'ledger' };
    expect((await ask({ ...args, output: 'json' })).text).toContain('"kind":"Deployment"');
    expect((await ask({ ...args, output: 'table' })).answer.tables).toMatchObject([{ rows: [expect.any(Array)] }]);
  });

  it('gives the values of fields alone', async () => {
    const { tokens, text } = await ask({ kind: 'deploy', name: 'payments/ledger', fields: 'spec.replicas' });
    expect(text).toContain('8');
    expect(tokens).toBeLessThan(80);
  });

  it('is one of several where namespaces share the name: they are listed, none is assumed', async () => {
    const { text } = await ask({ kind: 'cm', name: 'kube-root-ca.crt' }).catch(() =>
      ask({ kind: 'sa', name: 'default' }),
    );
    expect(text).toMatch(/namespaces have \w+ \S+: give namespace to see one/);
  });

  it('of a Secret never holds what is in it', async () => {
    const { text } = await ask({ kind: 'secret', name: 'payments/db-password' });
    expect(text).toContain('bytes>');
    expect(text).not.toMatch(/hunter2|aHVudGVy/);
  });
});

describe('whole objects of a list', () => {
  it('are some, with the total and how to see others', async () => {
    const asked = await ask({ kind: 'deploy', namespace: 'payments', output: 'yaml', limit: 2 });
    expect(asked.text.match(/^kind: Deployment$/gm)).toHaveLength(2);
    expect(asked.text).toMatch(/· \d+, shown 2\n/);
    expect(asked.text).toContain('give name or labelSelector');
  });
});

describe('what cannot be answered', () => {
  it.each([
    [{ kind: 'podz' }, 'not_found', /pods/],
    [{ kind: 'pods', name: 'ledgr' }, 'not_found', /payments\/ledger-/],
    [{ kind: 'pods', namespace: 'paymnts' }, 'not_found', /payments/],
    [{ kind: 'pods', namespace: 'shop', name: 'nothing-like-it-at-all' }, 'not_found', /k8s\.get/],
    [{ kind: 'pods', name: 'a', labelSelector: 'app=b' }, 'invalid_argument', /selectors|Leave out/],
    [{ kind: 'pods', name: 'a/b/c' }, 'invalid_argument', /name/],
    [{ kind: 'tokenreviews' }, 'invalid_argument', /not kept/],
  ])('%j is %s with a hint', async (args, code, hint) => {
    expect(await refusal(args)).toMatchObject({ code, hint: expect.stringMatching(hint) });
  });

  it.each([
    [{ labelSelector: '===' }, "found '=='"],
    [{ fieldSelector: 'status.nonsense=x' }, 'field label not supported: status.nonsense'],
  ])('a selector %j is refused in the words of the server', async (selector, words) => {
    expect(await refusal({ kind: 'pods', ...selector })).toMatchObject({
      code: 'bad_query',
      message: expect.stringContaining(words),
    });
  });

  it('a kind that may not be read is denied, the others are not', async () => {
    server.denied.push({ verb: '*', resource: 'configmaps' });
    expect(await refusal({ kind: 'configmaps' })).toMatchObject({ code: 'denied' });
    expect((await ask({ kind: 'jobs' })).text).toContain('batch');
    server.denied.length = 0;
  });

  it('a kind that the operator excluded is denied under every name', async () => {
    const guarded = kubernetesOf(server, { deniedKinds: ['secrets'] });
    for (const kind of ['secrets', 'Secret', 'v1/Secret'])
      await expect(asking(guarded)({ kind })).rejects.toMatchObject({ code: 'denied' });
    await guarded.close();
  });

  it('nothing that matches is none, with the way to what there is', async () => {
    const { text } = await ask({ kind: 'pods', namespace: 'shop', labelSelector: 'app=nothing' });
    expect(text).toContain('none match');
    expect(text).toContain('next: k8s_get(kind="pods", namespace="shop")');
  });

  it('without a Kubernetes API is not configured', async () => {
    await expect(askTool(k8sGet, { kind: 'pods' }, null)).rejects.toMatchObject({ code: 'not_configured' });
  });

  it('an upstream that breaks off is an error, not a shorter list', async () => {
    server.faults.push({ path: '/pods?', fault: { kind: 'cut' } });
    expect(await refusal({ kind: 'pods', namespace: 'monitoring', labelSelector: 'a!=b' })).toMatchObject({
      code: expect.stringMatching(/unreachable|bad_response/),
    });
    server.faults.length = 0;
  });
});

describe('20,000 pods on 1,000 nodes', { timeout: 30_000 }, () => {
  let big: ApiServer;
  let upstream: Kubernetes;
  beforeAll(async () => {
    big = await startApiServer(seededCluster({ nodes: 1000, pods: 20_000, events: 500 }));
    upstream = kubernetesOf(big, { timeoutMs: 20_000 });
  });
  afterAll(async () => {
    await upstream.close();
    await big.close();
  });

  it('have all their trouble counted by namespace and state, with examples', async () => {
    const asked = await asking(upstream)({ kind: 'pods' });
    await golden(asked, 'pods-20000');
    expect(asked.tokens).toBeLessThanOrEqual(2500);
    expect(asked.structuredTokens).toBeLessThanOrEqual(structuredLimit(asked));
    const counted = rowsOf(asked).reduce((sum, [count]) => sum + Number(count), 0);
    expect(asked.text).toContain(`20,000 in 20 namespaces, ${counted} unhealthy`);
    expect(rowsOf(asked).length + rowsOf(asked, 1).length).toBe(20_000);
  });

  it('are on nodes whose trouble is named too', async () => {
    const asked = await asking(upstream)({ kind: 'nodes' });
    expect(asked.tokens).toBeLessThanOrEqual(1500);
    expect(asked.structuredTokens).toBeLessThanOrEqual(structuredLimit(asked));
    expect(asked.text).toContain('1,000, 40 unhealthy');
  });

  it('have their images counted', async () => {
    const asked = await asking(upstream)({ kind: 'pods', fields: 'spec.containers[*].image' });
    expect(asked.tokens).toBeLessThanOrEqual(1500);
    expect(asked.structuredTokens).toBeLessThanOrEqual(structuredLimit(asked));
  });
});
