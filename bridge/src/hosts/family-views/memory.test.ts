import type { MemoryFacts } from '@telemcp/shared/facts/memory';
import { describe, expect, it } from 'vitest';
import { askTool } from '../../../test/ask-tool.ts';
import { bigFleet } from '../../../test/big-fleet.ts';
import { hostFacts } from '../../tools/host-facts.ts';

const QUIET = { avg10Ratio: 0, avg60Ratio: 0, avg300Ratio: 0, totalSeconds: 1 };

/** A node on which nothing is wrong, with so much of its memory used. */
function sound(memory: MemoryFacts, usedRatio: number): MemoryFacts {
  return {
    ...memory,
    usedRatio,
    availableBytes: Math.round(memory.totalBytes * (1 - usedRatio)),
    memoryPressure: { some: QUIET, full: QUIET },
    ioPressure: { some: QUIET, full: QUIET },
    swap: { totalBytes: 0, freeBytes: 0, usedBytes: 0 },
    oomKills: { sinceBoot: 0, duringInterval: 0, slices: [], cgroups: [] },
    memoryControllers: null,
  };
}

describe('host.facts of memory', () => {
  it('tells one node in at most 400 tokens', async () => {
    const agents = await bigFleet(1, () => ({}));
    expect((await askTool(hostFacts, { family: 'memory' }, agents)).tokens).toBeLessThanOrEqual(400);
  });

  it('tells a hundred nodes in at most 400 tokens, the worst first, those with kills before those without', async () => {
    const agents = await bigFleet(100, (index) => ({
      facts: {
        memory: (memory) => {
          if (index === 41) return { ...memory, totalBytes: 2 * memory.totalBytes };
          const facts = sound(memory, 0.2 + index / 200);
          return index === 7 ? { ...facts, oomKills: { ...facts.oomKills, sinceBoot: 3, duringInterval: 1 } } : facts;
        },
      },
    }));
    const asked = await askTool(hostFacts, { family: 'memory' }, agents);
    expect(asked.tokens).toBeLessThanOrEqual(400);
    expect(asked.answer.tables[0]?.rows.slice(0, 3).map(([node]) => node)).toEqual([
      'node-0042',
      'node-0008',
      'node-0100',
    ]);
    await expect(asked.text).toMatchFileSnapshot('../../../test/golden/host-facts-memory-100-nodes.txt');
  });

  it('puts uncorrected errors before everything', async () => {
    const controller = { controller: 'mc1', name: null, correctedErrors: null, uncorrectedErrors: 1 };
    const agents = await bigFleet(2, (index) => ({
      facts: {
        memory: (memory) => (index === 0 ? memory : { ...sound(memory, 0.1), memoryControllers: [controller] }),
      },
    }));
    const { answer } = await askTool(hostFacts, { family: 'memory' }, agents);
    expect(answer.tables[0]?.rows.map(([node]) => node)).toEqual(['node-0002', 'node-0001']);
    const one = await askTool(hostFacts, { family: 'memory', node: 'node-0002' }, agents);
    expect(one.answer.tables[0]?.rows).toContainEqual(['memoryErrors', 'mc1: 1 uncorrected, unknown corrected']);
  });

  it('says what it does not know, and never "no OOM kills" for it', async () => {
    const agents = await bigFleet(1, () => ({
      facts: {
        memory: (memory) => ({
          ...sound(memory, 0.5),
          usedRatio: null,
          availableBytes: null,
          memoryPressure: null,
          pressureState: 'unreadable',
          oomKills: { sinceBoot: null, duringInterval: null, slices: null, cgroups: null },
        }),
      },
    }));
    const { answer, text } = await askTool(hostFacts, { family: 'memory' }, agents);
    expect(answer.summary).toBe('31GiB, use not known, no swap, OOM kills not known');
    expect(text).toContain('stalled not readable');
    expect(text).not.toMatch(/null|undefined|NaN|oomKilled/);
  });
});
