import type { CpuFacts } from '@telemcp/shared/facts/cpu';
import { describe, expect, it } from 'vitest';
import { askTool } from '../../../test/ask-tool.ts';
import { bigFleet } from '../../../test/big-fleet.ts';
import { hostFacts } from '../../tools/host-facts.ts';

/** A node that is less busy the higher its number; each fifth in another size. */
function quieter(cpu: CpuFacts, index: number): CpuFacts {
  const share = (ratio: number) => ratio / (index + 1);
  return {
    ...cpu,
    logicalCpus: index % 5 === 0 ? 32 : 16,
    usage: cpu.usage && { ...cpu.usage, busyRatio: share(cpu.usage.busyRatio), stealRatio: 0 },
    pressure: cpu.pressure?.some
      ? { some: { ...cpu.pressure.some, avg60Ratio: share(cpu.pressure.some.avg60Ratio) }, full: null }
      : null,
    temperature: null,
    throttles: null,
  };
}

describe('host.facts of cpu', () => {
  it('tells one node in at most 400 tokens', async () => {
    const agents = await bigFleet(1, () => ({}));
    expect((await askTool(hostFacts, { family: 'cpu' }, agents)).tokens).toBeLessThanOrEqual(400);
  });

  it('tells a hundred nodes in at most 400 tokens, the busiest first, all of them with a filter', async () => {
    const agents = await bigFleet(100, (index) => ({ facts: { cpu: (cpu) => quieter(cpu, 99 - index) } }));
    const asked = await askTool(hostFacts, { family: 'cpu' }, agents);
    expect(asked.tokens).toBeLessThanOrEqual(400);
    await expect(asked.text).toMatchFileSnapshot('../../../test/golden/host-facts-cpu-100-nodes.txt');
    const { answer } = await askTool(hostFacts, { family: 'cpu', filter: 'node-0003' }, agents);
    expect(answer.tables[0]?.rows.map(([node]) => node)).toContain('node-0003');
  });

  it('puts a node that is about to switch off before a busy one, and one robbed of its time before one that is only busy', async () => {
    const agents = await bigFleet(4, (index) => ({
      facts: {
        cpu: (cpu) => {
          const quiet = quieter(cpu, index === 0 ? 0 : 50);
          if (index === 2) return { ...quiet, usage: quiet.usage && { ...quiet.usage, stealRatio: 0.6 } };
          return index === 3 ? { ...quiet, temperature: { celsius: 98, zone: 'z', criticalCelsius: 100 } } : quiet;
        },
      },
    }));
    const { answer } = await askTool(hostFacts, { family: 'cpu' }, agents);
    expect(answer.tables[0]?.rows.map(([node]) => node)).toEqual(['node-0004', 'node-0003', 'node-0001', 'node-0002']);
    expect(answer.summary).toBe('busy: median 1.7%, most 88%; steal above 10% on 1');
  });

  it('says what it does not know, and never shows it as zero', async () => {
    const unknown = {
      load: null,
      usage: null,
      frequency: null,
      pressure: null,
      interruptPressure: null,
      temperature: null,
    };
    const agents = await bigFleet(1, () => ({
      facts: {
        cpu: (cpu) => ({
          ...cpu,
          ...unknown,
          throttles: null,
          tasksRunning: null,
          tasksBlocked: null,
          pressureState: 'off',
        }),
      },
    }));
    const { answer } = await askTool(hostFacts, { family: 'cpu' }, agents);
    expect(answer.summary).toBe('use not known, 16 cpus');
    expect(answer.tables[0]?.rows).toEqual([['waiting', 'switched off (psi=0)']]);
  });
});
