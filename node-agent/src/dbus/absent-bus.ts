import { FactError } from '../fact-error.ts';
import type { SystemBus } from './bus.ts';

/** A bus that is not used because this process is root; every call says so. */
export function createAbsentBus(): SystemBus {
  return {
    call: async () => {
      throw new FactError('not_configured', 'the system bus is left alone: this agent runs as root', {
        hint: ROOT_BUS_ADVICE,
      });
    },
    state: () => ({ status: 'off' }),
    close: () => undefined,
  };
}

/** Why root stays off the bus, and what to do instead. */
export const ROOT_BUS_ADVICE =
  'Root on the system bus can start and stop units, also without any capability: run the agent as user 65534, and only what ' +
  'needs root in a second one (TELEMCP_AGENT_FAMILIES, TELEMCP_AGENT_DELEGATES); or, for a look at your own machine, set ' +
  'TELEMCP_AGENT_ALLOW_ROOT_BUS=true.';
