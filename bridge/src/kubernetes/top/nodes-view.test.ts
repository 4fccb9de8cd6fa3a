import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { nodeCapacity, nodesView } from './nodes-view.ts';
import { podResources } from './pod-resources.ts';

const GIB = 2 ** 30;
const view = { sort: 'cpu', limit: 20, namespace: undefined, now: new Date('2026-11-22T13:02:11Z') } as const;

const node = (name: string, address: string, extra: { ready?: string; pressure?: string; spec?: JsonObject } = {}) =>
  nodeCapacity({
    metadata: { name },
    spec: extra.spec ?? {},
    status: {
      allocatable: { cpu: '4', memory: '8Gi' },
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: name },
      ],
      conditions: [
        { type: 'MemoryPressure', status: extra.pressure ?? 'False' },
        { type: 'Ready', status: extra.ready ?? 'True' },
      ],
    },
  });
const used = (name: string, cpu: number | null, gib: number | null) => ({
  names: [name],
  used: { cpu, memory: gib === null ? null : gib * GIB },
});
const pod = (name: string, nodeName: string, phase = 'Running') =>
  podResources({
    metadata: { namespace: 'shop', name },
    spec: { nodeName, containers: [{ resources: { requests: { cpu: '1', memory: '2Gi' }, limits: { cpu: '3' } } }] },
    status: { phase },
  });
const rowsOf = ({ tables }: ReturnType<typeof nodesView>) => tables[0]?.rows;

describe('nodes', () => {
  it('are shown beside what they can give and what was promised, highest first', () => {
    const shown = nodesView(
      [used('node-1', 1, 4), used('node-2', 2, 7.5)],
      [node('node-1', '10.0.0.1'), node('node-2', '10.0.0.2')],
      [pod('a', 'node-1'), pod('b', 'node-1'), pod('done', 'node-1', 'Succeeded')],
      view,
    );
    expect(shown.tables[0]?.columns.join(' ')).toBe(
      'node pods cpu cpuOfAllocatable% cpuRequests% cpuLimits% memory memoryOfAllocatable% memoryRequests% memoryLimits% remarks',
    );
    expect(rowsOf(shown)).toEqual([
      ['node-2', 0, '2', 50, 0, 0, '7.5GiB', 94, 0, 0, 'memory over 90%'],
      ['node-1', 2, '1', 25, 50, 150, '4GiB', 50, 50, 0, null],
    ]);
    expect(shown.summary).toBe(
      '2 nodes use 3 of 8 cores (38%, 25% requested), 12GiB of 16GiB memory (72%, 25% requested); 1 over 90% of memory',
    );
  });

  it('are found by the address that their exporter was scraped at; who is not found is named', () => {
    const shown = nodesView(
      [used('10.0.0.2', 1, 1), used('10.9.9.9', 3, 1)],
      [node('node-1', '10.0.0.1', { ready: 'Unknown' }), node('node-2', '10.0.0.2')],
      null,
      view,
    );
    expect(rowsOf(shown)?.map(([name]) => name)).toEqual(['node-2']);
    expect(shown.notes).toEqual([
      '1 node without samples, not shown: node-1 (NotReady)',
      'samples of 10.9.9.9 left out: not the name or address of a node',
    ]);
    expect(shown.next).toEqual([{ tool: 'k8s.get', arguments: { kind: 'node', name: 'node-1' } }]);
  });

  it('scraped twice are one node, whichever came first', () => {
    const samples = [used('node-1', 1, 3), used('10.0.0.1', 1.5, 2)];
    const nodes = [node('node-1', '10.0.0.1')];
    const shown = nodesView(samples, nodes, null, view);
    expect(shown).toEqual(nodesView(samples.toReversed(), nodes, null, view));
    expect(rowsOf(shown)).toEqual([['node-1', '1.5', 38, '3GiB', 38]]);
  });

  it('are shown by usage alone where neither nodes nor pods may be read', () => {
    const shown = nodesView([used('node-1', null, 3), used('node-2', 1, null)], null, null, view);
    expect(shown.tables[0]?.columns).toEqual(['node', 'cpu', 'memory']);
    expect(rowsOf(shown)).toEqual([
      ['node-2', '1', null],
      ['node-1', null, '3GiB'],
    ]);
    expect(shown.summary).toBe('2 nodes use 1 cores, 3GiB memory');
  });

  it('say what speaks against them', () => {
    const troubled = node('node-1', '10.0.0.1', { ready: 'False', pressure: 'True', spec: { unschedulable: true } });
    const shown = nodesView([used('node-1', 1, 1)], [troubled], null, { ...view, sort: 'memoryPercent' });
    expect(rowsOf(shown)?.[0]?.at(-1)).toBe('NotReady, MemoryPressure, cordoned');
  });

  it('without any sample are no table', () => {
    expect(nodesView([], [node('node-1', '10.0.0.1')], [], view)).toMatchObject({
      summary: 'no node has samples',
      tables: [],
      notes: ['1 node without samples, not shown: node-1'],
    });
  });
});
