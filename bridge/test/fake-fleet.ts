import { afterEach } from 'vitest';
import type { NodeAgents } from '../src/upstreams/node-agents.ts';
import { agentsOf } from './ask-tool.ts';
import { type FakeAgent, type FakeAgentOptions, startFakeAgent } from './fake-agent.ts';

/** Fake agents that run, and the fleet that knows their addresses. */
export interface FakeFleet {
  fakes: FakeAgent[];
  agents: NodeAgents;
}

/** Starts fleets of fake agents for the tests of the calling file; each is ended after its test. */
export function fakeFleets(): (...options: FakeAgentOptions[]) => Promise<FakeFleet> {
  const started: FakeFleet[] = [];
  afterEach(async () => {
    const ended = started.splice(0);
    await Promise.all(ended.map(({ agents }) => agents.close()));
    await Promise.all(ended.flatMap(({ fakes }) => fakes.map((fake) => fake.close())));
  });
  return async (...options) => {
    const fakes = await Promise.all(options.map(startFakeAgent));
    const fleet = { fakes, agents: agentsOf(fakes) };
    started.push(fleet);
    return fleet;
  };
}

/** Nodes as the golden payloads name them: node-0007 alone, several node-0001, node-0002 and so on, unless they say otherwise. */
export function numbered(options: readonly FakeAgentOptions[]): FakeAgentOptions[] {
  return options.map((option, index) => ({
    node: options.length === 1 ? 'node-0007' : `node-000${index + 1}`,
    ...option,
  }));
}
