import type { Disk } from '@telemcp/shared/facts/disks';
import type { Filesystem } from '@telemcp/shared/facts/filesystems';
import { hostFacts } from '../src/tools/host-facts.ts';
import { agentsOf, askTool } from './ask-tool.ts';
import { type FakeAgentOptions, golden, startFakeAgent } from './fake-agent.ts';

/** A file system of the golden payload. */
export function goldenFilesystem(mountPoint: string, change: Partial<Filesystem> = {}): Filesystem {
  const found = golden.filesystems.data?.filesystems.find((row) => row.mountPoint === mountPoint);
  if (found === undefined) throw new Error(`the golden payload has no ${mountPoint}`);
  return { ...found, ...change };
}

/** A disk of the golden payload. */
export function goldenDisk(name: string, change: Partial<Disk> = {}): Disk {
  const found = golden.disks.data?.disks.find((row) => row.name === name);
  if (found === undefined) throw new Error(`the golden payload has no ${name}`);
  return { ...found, ...change };
}

/** Asks host.facts of one node, or of a fleet of as many as there are options. */
export async function askStorage(
  rawArguments: Readonly<Record<string, unknown>>,
  options: readonly FakeAgentOptions[],
) {
  const fakes = await Promise.all(
    options.map((option, index) => startFakeAgent({ node: `node-${String(index + 1).padStart(4, '0')}`, ...option })),
  );
  const agents = agentsOf(fakes);
  try {
    return await askTool(hostFacts, rawArguments, agents);
  } finally {
    await agents.close();
    await Promise.all(fakes.map((fake) => fake.close()));
  }
}
