import { describe, expect, it } from 'vitest';
import { indexTools, spellTool } from './tool-names.ts';

describe('tool names', () => {
  it('are taken under both spellings', () => {
    const index = indexTools([{ name: 'promql.query' }, { name: 'tail.pod_logs' }]);
    expect(index.get('promql.query')).toBe(index.get('promql_query'));
    expect(index.get('tail_pod_logs')?.name).toBe('tail.pod_logs');
    expect(index.get('promql-query')).toBeUndefined();
  });

  it('are spelled as the client needs them', () => {
    expect(spellTool('tail.pod_logs', 'underscore')).toBe('tail_pod_logs');
    expect(spellTool('tail.pod_logs', 'dotted')).toBe('tail.pod_logs');
  });

  it('may not be the same in both spellings', () => {
    expect(() => indexTools([{ name: 'a.b' }, { name: 'a_b' }])).toThrow('two tools answer to a_b');
  });
});
