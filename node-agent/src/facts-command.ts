import type { WriteStream } from 'node:tty';
import { FactsAnswer } from '@telemcp/shared/families';
import type { FamilyName } from '@telemcp/shared/family-names';
import { collectors } from './collectors.ts';
import { type AgentConfig, VERSION } from './config.ts';
import { createAbsentBus } from './dbus/absent-bus.ts';
import { createSystemBus } from './dbus/dbus-connection.ts';
import { createFactStore, type FactStore } from './fact-store.ts';
import { renderFacts } from './facts-view.ts';
import { createHostRoot } from './host-root.ts';

/** What to print: these families, all when there are none; as `GET /v1/facts` answers it, or for people. */
export interface FactsRequest {
  families: readonly FamilyName[];
  json: boolean;
}

/** Looks once in this process, prints what was found, and returns the exit status: 1 when nothing could be collected. */
export async function facts(config: AgentConfig, request: FactsRequest, out: NodeJS.WriteStream): Promise<number> {
  const bus = config.dbusAddress === null ? createAbsentBus() : createSystemBus({ address: config.dbusAddress });
  const store = createFactStore({
    collectors,
    openHost: (signal) => createHostRoot(config.hostRoot, signal),
    bus,
    settings: config.collecting,
    disabled: config.disabledFamilies,
    delegates: config.delegates,
    onBug: (name, error) => process.stderr.write(`bug in the family ${name}: ${describeBug(error)}\n`),
  });
  try {
    const { text, status } = await collectText(store, config.collecting.nodeName, request, hasColours(out));
    await print(text, out);
    return status;
  } finally {
    bus.close();
  }
}

/** The text to print and the exit status. */
export async function collectText(store: FactStore, node: string, request: FactsRequest, colour: boolean) {
  const families = await store.getAll(request.families.length === 0 ? store.families : request.families);
  const answer = { node, agentVersion: VERSION, answeredAt: new Date().toISOString(), families };
  const status = Object.values(families).some(({ data }) => data !== null) ? 0 : 1;
  if (request.json) return { text: `${JSON.stringify(answer, null, 2)}\n`, status };
  return { text: renderFacts(FactsAnswer.parse(answer), { colour }), status };
}

/** `hasColors` knows NO_COLOR and dumb terminals; a pipe does not have it. */
function hasColours(out: NodeJS.WriteStream & Partial<Pick<WriteStream, 'hasColors'>>): boolean {
  return out.isTTY === true && out.hasColors?.() === true;
}

/** Waits until the text is out, and takes a reader that went away, as `head` does, for the end of it. */
function print(text: string, out: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    out.once('error', () => resolve());
    out.write(text, () => resolve());
  });
}

function describeBug(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
