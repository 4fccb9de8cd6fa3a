import { onTestFinished } from 'vitest';
import type { NodeAgents } from '../src/upstreams/node-agents.ts';
import { agentsOf } from './ask-tool.ts';
import { type FakeAgentOptions, startFakeAgent } from './fake-agent.ts';

/** As many fake agents as one test asks for, `node-0001` and so on, gone after it. */
export async function bigFleet(count: number, optionsOf: (index: number) => FakeAgentOptions): Promise<NodeAgents> {
  const fakes = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      startFakeAgent({ node: `node-${String(index + 1).padStart(4, '0')}`, ...optionsOf(index) }),
    ),
  );
  const agents = agentsOf(fakes);
  onTestFinished(async () => {
    await agents.close();
    await Promise.all(fakes.map((fake) => fake.close()));
  });
  return agents;
}
