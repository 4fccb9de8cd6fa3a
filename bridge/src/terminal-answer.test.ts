import { expect, it } from 'vitest';
import { alignTables } from './terminal-answer.ts';

it('aligns columns and keeps every word of the answer', () => {
  const text = alignTables({
    title: 'nginx.service',
    source: 'node agents',
    asOf: '2026-11-22T13:02:11Z',
    window: 'now',
    summary: 'active (running) on 1',
    coverage: { asked: 3, answered: 2, missing: [{ node: 'node-3', reason: 'timeout after 3s', lastSeen: null }] },
    tables: [
      { properties: { since: '13:00:00Z', restarts: 5 } },
      {
        name: 'deviating',
        common: { job: 'x' },
        columns: ['node', 'state'],
        rows: [
          ['a-long-name', 'failed'],
          ['b', null],
        ],
        total: 5,
        shown: 2,
      },
    ],
    notes: ['a note'],
    next: ['host_facts(family="os")'],
  });
  expect(text).toBe(`nginx.service · as of 2026-11-22T13:02:11Z · from node agents · now
active (running) on 1

  since     13:00:00Z
  restarts  5

deviating:
all: job=x
  node         state
  a-long-name  failed
  b            -
shown 2 of 5

asked 3 nodes, answered 2
no answer: node-3 timeout after 3s

note: a note
next: host_facts(family="os")`);
});
