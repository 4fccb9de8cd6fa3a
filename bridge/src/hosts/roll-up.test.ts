import { describe, expect, it } from 'vitest';
import { rollUp, rollUpTable, withRollUp } from './roll-up.ts';

const values = (...list: (string | null)[]) => list.map((value, index) => ({ node: `n${index + 1}`, value }));

describe('roll-up', () => {
  it('names the majority, and who deviates with which value', () => {
    expect(rollUp(values('a', 'b', 'a', 'c', 'b', 'a'))).toEqual({
      majority: 'a',
      nodes: 3,
      others: 'b: n2, n5; c: n4',
    });
  });

  it('counts a node that does not know as deviating, never as agreeing', () => {
    expect(rollUp(values('a', null, 'a'))).toEqual({ majority: 'a', nodes: 2, others: 'unknown: n2' });
    expect(rollUp(values(null, null))).toBeNull();
    expect(rollUp([])).toBeNull();
  });

  it('stays short for a thousand nodes that all differ', () => {
    const many = Array.from({ length: 1000 }, (_, index) => ({ node: `n${index}`, value: `v${index}` }));
    expect(rollUp(many)?.others).toBe('v1: n1; v2: n2; v3: n3; v4: n4; v5: n5; v6: n6; 993 more values');
  });

  it('says once what all agree on, and leaves out what nobody knows', () => {
    const table = rollUpTable([
      ['kernel', values('6.1', '6.6', '6.1')],
      ['init', values('systemd', 'systemd', 'systemd')],
      ['selinux', values(null, null, null)],
    ]);
    expect(table.common).toEqual({ init: 'systemd' });
    expect(table.rows).toEqual([['kernel', '6.1', 2, '6.6: n2']]);
  });

  it('shares the common values with the rows they belong to', () => {
    const main = { name: 'units', columns: ['unit'], rows: [['x.service']] };
    const agreeing = rollUpTable([['init', values('systemd', 'systemd')]]);
    expect(withRollUp(main, agreeing)).toEqual([
      { columns: main.columns, rows: main.rows, common: { init: 'systemd' } },
    ]);
    expect(withRollUp({ ...main, rows: [] }, agreeing)).toEqual([agreeing]);
    const differing = rollUpTable([['init', values('systemd', 'openrc')]]);
    expect(withRollUp(main, differing).map((table) => table.name)).toEqual(['units', 'fleet']);
  });
});
