import { destination, pino } from 'pino';
import { createBugLog } from './bug-log.ts';
import { collectors } from './collectors.ts';
import { type AgentConfig, VERSION } from './config.ts';
import { createSystemBus } from './dbus-connection.ts';
import { createFactStore, type FactStore } from './fact-store.ts';
import { createHostRoot } from './host-root.ts';
import { startListening } from './listening.ts';
import { createMetrics } from './metrics.ts';
import { createPackageStore } from './package-store.ts';
import { createServer } from './server.ts';
import { listUnits, readUnit } from './systemd-units.ts';
import { createUnitStore } from './unit-store.ts';

/** How long requests under way may take to end once the process was told to stop. */
const DRAIN_MS = 5000;

/**
 * Answers over HTTP until SIGTERM or SIGINT.
 * @throws {StartError} when it cannot listen
 */
export async function serve(config: AgentConfig): Promise<void> {
  const node = config.collecting.nodeName;
  const log = pino({ level: config.logLevel, base: { node } }, destination(2));
  let connections = 0;
  const bus = createSystemBus({
    address: config.dbusAddress,
    onEvent: ({ type, ...event }) => {
      if (type !== 'connected') log.warn(event, `system bus: ${type}`);
      else if (++connections > 1) metrics.countBusReconnect();
    },
  });
  const families = (): ReturnType<FactStore['states']> => store.states();
  const metrics = createMetrics({ node, version: VERSION, families, bus: bus.state });
  const bugLog = createBugLog(log, metrics.countBug);
  const openHost = (signal: AbortSignal) => createHostRoot(config.hostRoot, signal);
  const store = createFactStore({
    collectors,
    openHost,
    bus,
    settings: config.collecting,
    disabled: config.disabledFamilies,
    onBug: bugLog,
  });
  const units = createUnitStore({ bus, listUnits, readUnit, onBug: bugLog });
  const packages = createPackageStore({ openHost, onBug: bugLog });
  const parts = { node, version: VERSION, listen: config.listen, store, units, packages, bus, metrics, bugLog };
  const app = createServer(parts);

  // A promise that nobody waited for concerns one request at most, and the agent holds no state that could be left half
  // changed: the other families go on being answered. After an exception out of a callback nothing is known, so that ends
  // the process, and what started it starts it anew.
  process.on('unhandledRejection', (reason) => bugLog('unhandled rejection', reason));
  process.on('uncaughtException', (error) => {
    bugLog('uncaught exception', error);
    process.exit(1);
  });

  const address = await startListening(app, config.listen);
  log.info({ address, version: VERSION, disabled: config.disabledFamilies }, `listening on ${address}`);

  const { promise: signalled, resolve } = Promise.withResolvers<NodeJS.Signals>();
  // Once: a second signal ends the process at once.
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, resolve);
  log.info({ signal: await signalled }, 'stopping');
  const force = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS);
  await app.close();
  clearTimeout(force);
  bus.close();
}
