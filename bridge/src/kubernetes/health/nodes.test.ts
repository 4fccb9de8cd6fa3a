import { expect, it } from 'vitest';
import { nodeCapacity } from '../top/nodes-view.ts';
import { isUnhealthy } from './judge.ts';
import { judgeNode } from './nodes.ts';

const now = new Date('2026-03-01T12:00:00Z');
const nodeWith = (type: string, status: string) => ({
  metadata: { name: 'node-1' },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type, status },
    ],
  },
});

it.each([
  ['EtcdIsVoter', 'True'],
  ['KernelReady', 'True'],
  ['ContainerRuntimeReady', 'True'],
  ['MemoryPressure', 'False'],
  ['KernelDeadlock', 'False'],
])('takes %s=%s for good news', (type, status) => {
  expect(judgeNode(nodeWith(type, status), now)).toMatchObject({ state: 'Ready', severity: 0 });
  expect(nodeCapacity(nodeWith(type, status)).troubles).toEqual([]);
});

it.each([
  ['MemoryPressure', 'True'],
  ['KernelDeadlock', 'True'],
  ['ReadonlyFilesystem', 'True'],
  ['KernelReady', 'False'],
])('takes %s=%s for trouble', (type, status) => {
  expect(isUnhealthy(judgeNode(nodeWith(type, status), now))).toBe(true);
  expect(nodeCapacity(nodeWith(type, status)).troubles).not.toEqual([]);
});
