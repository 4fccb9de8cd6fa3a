import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Logger } from 'pino';
import { createBridge } from './bridge.ts';
import type { BridgeConfig } from './config.ts';

/** Serves MCP over standard input and output until the client closes them. */
export async function stdio(config: BridgeConfig, log: Logger): Promise<void> {
  const bridge = createBridge(config, log);
  const closed = new Promise<void>((resolve) => process.stdin.once('close', resolve));
  const serving = serveStdio(bridge.factory, {
    onerror: (error) => log.warn({ err: error }, 'a request could not be served'),
  });
  await closed;
  await serving.close();
  await bridge.close();
}
