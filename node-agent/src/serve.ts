import { openTlsFiles } from '@telemcp/shared/tls-files';
import { destination, pino } from 'pino';
import { createBugLog } from './bug-log.ts';
import { collectors } from './collectors.ts';
import { type AgentConfig, VERSION } from './config.ts';
import { createAbsentBus } from './dbus/absent-bus.ts';
import { type BusEvent, createSystemBus } from './dbus/dbus-connection.ts';
import { createFactStore, type FactStore } from './fact-store.ts';
import { createHostRoot } from './host-root.ts';
import { startListening } from './listening.ts';
import { createMetrics } from './metrics.ts';
import { createPackageStore } from './package-store.ts';
import { createServer } from './server.ts';
import { listUnits, readUnit } from './systemd/systemd-units.ts';
import { renewTls } from './tls.ts';
import { createUnitStore } from './unit-store.ts';

/** How long requests under way may take to end once the process was told to stop. */
const DRAIN_MS = 5000;

/**
 * Answers over HTTP until SIGTERM or SIGINT.
 * @throws {StartError} when it cannot listen, {SettingsError} when its TLS files cannot be used
 */
export async function serve(config: AgentConfig): Promise<void> {
  const node = config.collecting.nodeName;
  const log = pino({ level: config.logLevel, base: { node } }, destination(2));
  const tls = config.tls === null ? null : await openTlsFiles(config.tls);
  let connections = 0;
  const onEvent = ({ type, ...event }: BusEvent) => {
    if (type !== 'connected') log.warn(event, `system bus: ${type}`);
    else if (++connections > 1) metrics.countBusReconnect();
  };
  const bus =
    config.dbusAddress === null ? createAbsentBus() : createSystemBus({ address: config.dbusAddress, onEvent });
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
    delegates: config.delegates,
    onBug: bugLog,
  });
  const units = createUnitStore({ bus, listUnits, readUnit, onBug: bugLog });
  const packages = createPackageStore({ openHost, onBug: bugLog });
  const speaking = { node, version: VERSION, listen: config.listen, tls: tls?.current() ?? null };
  const app = createServer({ ...speaking, store, units, packages, bus, metrics, bugLog });
  const endRenewal = tls === null ? null : renewTls(app.server, tls, log);

  // A promise that nobody waited for concerns one request at most, and the agent holds no state that could be left half
  // changed: the other families go on being answered. After an exception out of a callback nothing is known, so that ends
  // the process, and what started it starts it anew.
  process.on('unhandledRejection', (reason) => bugLog('unhandled rejection', reason));
  process.on('uncaughtException', (error) => {
    bugLog('uncaught exception', error);
    process.exit(1);
  });

  const address = await startListening(app, config.listen, tls === null ? 'http' : 'https');
  const duties = { disabled: config.disabledFamilies, delegates: Object.fromEntries(config.delegates) };
  log.info({ address, version: VERSION, ...duties }, `listening on ${address}`);

  const { promise: signalled, resolve } = Promise.withResolvers<NodeJS.Signals>();
  // Once: a second signal ends the process at once.
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, resolve);
  log.info({ signal: await signalled }, 'stopping');
  const force = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS);
  await app.close();
  clearTimeout(force);
  endRenewal?.();
  bus.close();
}
