import { isLoopback, type Listen, showListen } from '@telemcp/shared/listen';
import type { Logger } from 'pino';
import { createBridge } from './bridge.ts';
import { type BridgeConfig, VERSION } from './config.ts';
import { createBridgeHttp } from './http.ts';

/** A bridge that serves; `url` is where clients connect. */
export interface RunningBridge {
  url: string;
  close(): Promise<void>;
}

const DRAIN_MS = 5000;
const LOCAL_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Serves MCP over HTTP until closed.
 * @throws {Error} with `code` EADDRINUSE or EACCES when the address cannot be had
 */
export async function serve(config: BridgeConfig, log: Logger): Promise<RunningBridge> {
  const bridge = createBridge(config, log);
  const names = [...(isLoopback(config.listen) ? LOCAL_NAMES : []), ...config.allowedHosts];
  const app = createBridgeHttp({
    factory: bridge.factory,
    allowedHosts: names,
    allowedOrigins: names,
    schema: bridge.schema,
    readiness: bridge.readiness,
    version: VERSION,
    onError: (error) => log.warn({ err: error }, 'a request could not be served'),
  });
  await app.listen('path' in config.listen ? { path: config.listen.path } : config.listen);
  const address = app.server.address();
  const listen: Listen =
    typeof address === 'object' && address !== null ? { host: address.address, port: address.port } : config.listen;
  const url = `${showListen(listen)}/mcp`;
  log.info({ url }, 'serving MCP');
  return {
    url,
    close: async () => {
      // Calls in flight may finish, but not hold the process for ever.
      const drained = app.close();
      const timer = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS);
      await drained.finally(() => clearTimeout(timer));
      await bridge.close();
    },
  };
}
