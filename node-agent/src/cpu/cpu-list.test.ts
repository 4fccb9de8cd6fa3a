import { expect, it } from 'vitest';
import { parseCpuList } from './cpu-list.ts';

it.each([
  ['0', [0]],
  ['0-3,8', [0, 1, 2, 3, 8]],
  ['', null],
  ['3-1', null],
  ['0-9999', null],
  ['0-8000,0-8000', null],
  ['0,,1', null],
])('%j', (list, cpus) => {
  expect(parseCpuList(list)).toEqual(cpus);
});
