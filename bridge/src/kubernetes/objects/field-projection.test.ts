import { encode } from 'gpt-tokenizer';
import { describe, expect, it } from 'vitest';
import { livedInPod } from '../../../test/kubernetes/lived-in-objects.ts';
import { SEED_SECRETS } from '../../../test/kubernetes/seed-config.ts';
import { seededCluster } from '../../../test/kubernetes/seeds.ts';
import { renderAnswer } from '../../render-answer.ts';
import type { JsonObject } from '../json.ts';
import { textAt } from '../json.ts';
import { type PickedObject, parseFields, projectionTable } from './field-projection.ts';

const pod: JsonObject = {
  metadata: {
    name: 'web',
    namespace: 'shop',
    labels: { app: 'web', 'app.kubernetes.io/name': 'web' },
    annotations: {},
  },
  spec: {
    nodeName: 'node-1',
    containers: [
      {
        name: 'app',
        image: 'r.example/web:2',
        ports: [{ containerPort: 80 }, { containerPort: 81 }],
        args: ['a', 'b'],
      },
      { name: 'proxy', image: 'r.example/proxy:1', resources: { limits: { cpu: '1', memory: '2Gi' } } },
    ],
  },
  status: {
    conditions: [
      { type: 'Ready', status: 'False', reason: 'ContainersNotReady' },
      { type: 'Initialized', status: 'True' },
    ],
    restarts: 7,
    empty: {},
    nothing: null,
  },
};

function picked(fields: string, object: JsonObject = pod) {
  return parseFields(fields).pick(object).tuples;
}

/** What a reader is shown of `fields` of objects, with its tokens. */
function shown(fields: string, objects: readonly JsonObject[], limit = 50) {
  const projection = parseFields(fields);
  const rows = objects.map(
    (object): PickedObject => ({
      namespace: textAt(object, 'metadata', 'namespace') ?? null,
      name: textAt(object, 'metadata', 'name') ?? '',
      picked: projection.pick(object),
    }),
  );
  const answer = projectionTable(projection, rows, { noun: 'pods', limit });
  const { text, structured } = renderAnswer(
    { title: `pods ${fields}`, source: 'kubernetes', asOf: new Date('2026-11-22T13:02:11Z'), ...answer },
    { budget: 24_000, from: null, toolName: (name) => name, continueAt: () => null },
  );
  return { ...answer, text, tokens: encode(text).length, structuredTokens: encode(JSON.stringify(structured)).length };
}

describe('pick', () => {
  it.each([
    ['spec.nodeName', [['node-1']]],
    ['status.restarts', [[7]]],
    ['spec.containers[*].image', [['r.example/web:2'], ['r.example/proxy:1']]],
    ['spec.containers.image', [['r.example/web:2'], ['r.example/proxy:1']]],
    ['spec.containers[0].image', [['r.example/web:2']]],
    ['spec.containers[-1].image', [['r.example/proxy:1']]],
    ['spec.containers[0:1].name', [['app']]],
    ['spec.containers[1:].name', [['proxy']]],
    ['spec.containers[*].ports[*].containerPort', [[80], [81]]],
    ['..containerPort', [[80], [81]]],
    ["metadata.labels['app.kubernetes.io/name']", [['web']]],
    ['metadata.labels', [['app=web,app.kubernetes.io/name=web']]],
    ['spec.containers[1].resources', [['limits.cpu=1,limits.memory=2Gi']]],
    ['spec.containers[0].args', [['a,b']]],
    ['spec.containers[0].ports', [['[{"containerPort":80},{"containerPort":81}]']]],
    ['status.empty', [['{}']]],
    ['status.nothing', [[null]]],
    ['status.conditions[?(@.type=="Ready")].status', [['False']]],
    ["status.conditions[?@.status!='True'].type", [['Ready']]],
    ['status.conditions[?(@.type=="Ready" || @.type=="Initialized")].type', [['Ready'], ['Initialized']]],
    ['status.conditions[?(!(@.type=="Ready") && @.status=="True")].type', [['Initialized']]],
    ['status.conditions[?(@.reason)].type', [['Ready']]],
    ['spec.containers[?(@.ports[0].containerPort>=80)].name', [['app']]],
  ])('%s', (fields, tuples) => {
    expect(picked(fields)).toStrictEqual(tuples);
  });

  it('keeps together what belongs to one element of a list', () => {
    expect(picked('spec.containers[*].name,spec.containers.resources.limits.cpu,spec.nodeName')).toStrictEqual([
      ['app', null, 'node-1'],
      ['proxy', '1', 'node-1'],
    ]);
  });

  it('does not pair elements of lists that have nothing to do with each other', () => {
    expect(picked('spec.containers[*].name,status.conditions[*].type')).toStrictEqual([
      ['app,proxy', 'Ready,Initialized'],
    ]);
    const ofDifferent =
      'status.conditions[?(@.type=="Ready")].status,status.conditions[?(@.type=="Initialized")].status';
    expect(picked(ofDifferent)).toStrictEqual([['False', 'True']]);
  });

  it('says where a path that leads to nothing ended, and what is there', () => {
    const { gaps } = parseFields(
      'spec.node,spec.containers[*].imagePull,status.restarts.x,spec.containers[5].name,spec.nodeName',
    ).pick(pod);
    expect(gaps).toStrictEqual([
      'spec has nodeName, containers',
      'spec.containers[*] has name, image, ports, args',
      'status.restarts is a number',
      'spec.containers has 2 elements',
      null,
    ]);
  });

  it('does not take what every JavaScript object has for a field', () => {
    expect(picked('constructor,metadata.__proto__,spec.toString,..constructor')).toStrictEqual([
      [null, null, null, null],
    ]);
  });
});

describe('projectionTable', () => {
  const { all, resources } = seededCluster({ nodes: 100, pods: 2000, events: 1 });
  const podType = resources.find(({ plural, group }) => plural === 'pods' && group === '')!;
  const pods = all(podType).map(({ body }) => body);

  it('counts the images of 2,000 pods in few tokens', async () => {
    const { tables, text, tokens, structuredTokens } = shown('spec.containers[*].image', pods, 200);
    const counts = new Map<string, number>();
    for (const each of pods) {
      const images = new Set(picked('spec.containers[*].image', each).map(([image]) => String(image)));
      for (const image of images) counts.set(image, (counts.get(image) ?? 0) + 1);
    }
    const prefix = String(tables[0]?.common?.image_prefix);
    expect(new Map(tables[0]?.rows.map(([count, image]) => [`${prefix}${image}`, count]))).toStrictEqual(counts);
    expect(tokens).toBeLessThanOrEqual(1500);
    expect(structuredTokens).toBeLessThanOrEqual(tokens * 1.3);
    await expect(text).toMatchFileSnapshot('../../../test/golden/object-fields-images.txt');
  });

  it('names the object behind a rare value', async () => {
    const { text } = shown('status.phase,status.reason', pods);
    await expect(text).toMatchFileSnapshot('../../../test/golden/object-fields-rare.txt');
    expect(text).toMatch(/^1 Failed Evicted batch\/importer-\S+$/m);
  });

  it('says what there is in place of a field that no object has', () => {
    const { text, tables } = shown('spec.contaners.image', pods);
    expect(tables).toHaveLength(0);
    expect(text).toContain('2,000 pods, nothing at spec.contaners.image: spec has volumes, containers, ');
  });

  it('gives a row to each object where all are different, with what they share said once', async () => {
    const few = pods.slice(0, 5);
    const { text } = shown('metadata.uid,status.podIP,spec.containers[*].name,spec.containers[*].image', few);
    await expect(text).toMatchFileSnapshot('../../../test/golden/object-fields-each.txt');
    for (const each of few) expect(text).toContain(textAt(each, 'metadata', 'name'));
  });

  it('gives the same rows whatever order the objects come in', () => {
    expect(shown('spec.nodeName,status.phase', pods.toReversed()).text).toBe(
      shown('spec.nodeName,status.phase', pods).text,
    );
  });

  it('shows of one object only the values, a large one as a document', async () => {
    const { text } = shown('spec.nodeName,status.phase,spec.containers[0].env,spec.nope', [livedInPod]);
    await expect(text.replace(/redacted:\w{6}/g, 'redacted:######')).toMatchFileSnapshot(
      '../../../test/golden/object-fields-one.txt',
    );
    expect(text).not.toMatch(/correct-horse|s3cr3t/);
  });

  it('keeps the lines of a text', () => {
    const { text } = shown("data['app.conf']", [{ metadata: { name: 'c' }, data: { 'app.conf': 'a = 1\n  b = 2\n' } }]);
    expect(text).toMatch(/\na = 1\n {2}b = 2$/);
  });

  it('says that there is nothing', () => {
    expect(shown('spec.nodeName', [])).toMatchObject({ tables: [], summary: 'no pods' });
  });

  it.each([
    'spec',
    '*',
    '..value',
    'spec.containers[*].env',
    'spec.containers.env.value',
    'spec.containers[*].env[?(@.name=="API_TOKEN")]',
  ])('shows no secret of any pod by %s', (fields) => {
    const text = JSON.stringify(shown(fields, pods, 3000).tables);
    expect(text).toContain('[redacted:');
    for (const secret of SEED_SECRETS) expect(text).not.toContain(secret);
  });
});
